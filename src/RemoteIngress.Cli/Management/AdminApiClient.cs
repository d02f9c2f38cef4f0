using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace RemoteIngress.Cli.Management;

/// <summary>
/// The hub's HTTP API as the management commands use it. Failures become <see cref="CliException"/>s whose lines say what to do;
/// answers stay JSON, because <c>--json</c> prints them as they are.
/// </summary>
internal sealed class AdminApiClient : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly AdminTarget _target;
    private readonly HttpClient _http;

    public AdminApiClient(AdminTarget target, CliContext context)
    {
        _target = target;
        _http = new HttpClient(context.HttpHandler()) { BaseAddress = new Uri(target.Url, "/api/v1/"), Timeout = Timeout };
        if (target.Token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", target.Token);
        }
    }

    public Task<string> GetAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, cancellation);

    public Task<string> PutAsync(string path, string json, CancellationToken cancellation) => SendAsync(HttpMethod.Put, path, json, cancellation);

    public Task<string> PostAsync(string path, string? json, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, path, json, cancellation);

    public Task<string> DeleteAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Delete, path, null, cancellation);

    public void Dispose() => _http.Dispose();

    private async Task<string> SendAsync(HttpMethod method, string path, string? json, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
            using var response = await _http.SendAsync(request, cancellation);
            var body = await response.Content.ReadAsStringAsync(cancellation);
            return response.IsSuccessStatusCode ? body : throw new CliException(ExitCodes.Failed, Explain(response.StatusCode, body));
        }
        catch (HttpRequestException exception)
        {
            throw CliException.Failed(
                $"--admin-url: no hub answers at {_target.Url} ({Reason(exception)}); start the hub there or give its --admin-url");
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw CliException.Failed($"--admin-url: the hub at {_target.Url} did not answer within {Timeout.TotalSeconds:0} s; see its log");
        }
    }

    private IReadOnlyList<string> Explain(HttpStatusCode status, string body) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => [_target.Token is null
            ? "--admin-token: the hub asks for a token; give --admin-token or REMOTEINGRESS_ADMIN_TOKEN (a hub with --data-dir keeps it in DATA-DIR/admin-token)"
            : "--admin-token: the hub refuses this token; give the one that the hub was started with, or that its DATA-DIR/admin-token holds"],
        _ => ProblemReader.Read((int)status, body),
    };

    private static string Reason(HttpRequestException exception) => exception.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "its name does not resolve",
        HttpRequestError.ConnectionError => "connection refused or unreachable",
        HttpRequestError.SecureConnectionError => "TLS failed",
        HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded => "what listens there does not speak HTTP",
        _ => Output.ErrorPrinter.OneLine(exception.Message),
    };
}
