using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RemoteIngress.Hub.Admin;
using RemoteIngress.Hub.Cluster;
using RemoteIngress.Hub.Events;
using RemoteIngress.Hub.Silo;
using RemoteIngress.Hub.Tests.Cluster;
using RemoteIngress.Hub.Tests.Registry;
using Supervisors = RemoteIngress.Testing.Transport.Supervisors;

namespace RemoteIngress.Hub.Tests.Admin;

/// <summary>The API over a silo of its own, on a free port of loopback, with a client that speaks real HTTP.</summary>
internal sealed class AdminHost : IHubStatusSource, IAsyncDisposable
{
    public const string Token = "0123456789abcdef-token";

    private readonly AdminServer _server;

    private AdminHost(HubOptions options, ILoggerFactory loggers)
    {
        Hub = new FakeHub(options.HubId);
        Hubs = new HubDirectory(Hub, Supervisors.Create(), TimeProvider.System);
        Silo = new SiloHost(options, new RecordingSink(), Hubs, loggers, TimeProvider.System, Supervisors.Create());
        Events = new HubEvents(this, loggers.CreateLogger("test"));
        Events.Feed.Open();
        _server = new AdminServer(options, Silo.Edges, new HubManager(Hubs, Silo.Edges, TimeProvider.System), this, Events.Feed, loggers, TimeProvider.System);
    }

    public SiloHost Silo { get; }

    public FakeHub Hub { get; }

    public HubDirectory Hubs { get; }

    /// <summary>What happens, as the hub's runtime would tell it.</summary>
    public HubEvents Events { get; }

    public HttpClient Http { get; private set; } = null!;

    public string? NotReadyBecause { get; set; }

    /// <summary>When set, asking for the status fails with it.</summary>
    public Exception? StatusFailure { get; set; }

    public static async Task<AdminHost> StartAsync(Action<HubOptions>? configure = null, ILoggerFactory? loggers = null)
    {
        var options = new HubOptions { HubId = "hub-1", AdminUrl = "http://127.0.0.1:0", AdminToken = Token, TunnelAddress = "127.0.0.1" };
        configure?.Invoke(options);
        loggers ??= NullLoggerFactory.Instance;
        var host = new AdminHost(options, loggers);
        await host.Silo.StartAsync(TestContext.Current.CancellationToken);
        await host._server.StartAsync(TestContext.Current.CancellationToken);
        host.Http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = host._server.Url };
        if (options.AdminToken is not null)
        {
            host.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.AdminToken);
        }

        return host;
    }

    public HubStatus GetStatus() => StatusFailure is null
        ? new HubStatus { Running = true, HubId = "hub-1", TunnelPort = 18443, Registry = Silo.Status, Refusals = Counts("busy"), Limits = Counts("maxTunnelsPerEdge"), Descriptors = new DescriptorStatus(1024, 256, 90) }
        : throw StatusFailure;

    private static Dictionary<string, long> Counts(string key) => new() { [key] = 3 };

    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, string? json = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        change?.Invoke(request);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new ApiAnswer(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            response.Headers.ToString());
    }

    public Task<ApiAnswer> GetAsync(string path, Action<HttpRequestMessage>? change = null) => SendAsync(HttpMethod.Get, path, null, change);

    public Task<ApiAnswer> PutAsync(string path, string json) => SendAsync(HttpMethod.Put, path, json);

    public Task<ApiAnswer> PostAsync(string path, string? json = null) => SendAsync(HttpMethod.Post, path, json);

    public Task<ApiAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        await _server.DisposeAsync();
        await Silo.DisposeAsync();
    }
}
