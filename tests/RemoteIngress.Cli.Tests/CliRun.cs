using System.Net;
using System.Text;

namespace RemoteIngress.Cli.Tests;

/// <summary>The whole command line in this process, with an environment, an input and an API of the test's own.</summary>
internal sealed class CliRun
{
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();

    public Dictionary<string, string> Environment { get; } = [];

    public string Input { get; init; } = "";

    public FakeApi Api { get; } = new();

    public string Out => _out.ToString();

    public string[] ErrorLines => _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] OutLines => _out.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The value of one row of a two-column table.</summary>
    public string Value(string option) => OutLines.Single(line => line.Split(' ')[0] == option)[option.Length..].Trim();

    public async Task<int> RunAsync(params string[] args)
    {
        await using var output = new StringWriter(_out) { NewLine = "\n" };
        await using var error = new StringWriter(_error) { NewLine = "\n" };
        using var input = new StringReader(Input);
        return await CliApplication.RunAsync(args, new CliContext
        {
            Out = output,
            Error = error,
            In = input,
            Environment = name => Environment.GetValueOrDefault(name),
            HttpHandler = () => Api,
        });
    }

    internal sealed class FakeApi : HttpMessageHandler
    {
        public List<(string Request, string? Authorization, string Body)> Requests { get; } = [];

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        /// <summary>Requests that are answered with 200 before <see cref="Status"/> counts.</summary>
        public int Successes { get; set; }

        public string Answer { get; set; } = "{}";

        public Exception? Failure { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            Requests.Add(($"{request.Method} {request.RequestUri!.AbsoluteUri}", request.Headers.Authorization?.ToString(), body));
            return Failure is null
                ? new HttpResponseMessage(Requests.Count <= Successes ? HttpStatusCode.OK : Status) { Content = new StringContent(Answer, Encoding.UTF8, "application/json") }
                : throw Failure;
        }
    }
}
