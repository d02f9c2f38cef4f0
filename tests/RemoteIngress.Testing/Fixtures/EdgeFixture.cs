using System.Net;
using System.Text.Json;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Network;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.Testing.Fixtures;

/// <summary>An edge as a real process, with its status endpoint.</summary>
public sealed class EdgeFixture : IAsyncDisposable
{
    private readonly NetworkNamespace? _network;
    private readonly HttpClient _status;
    private readonly IdleProcess _idle;
    private bool _isNoted;

    public EdgeFixture(int hubPort, string edgeId, string secret, params IEnumerable<string> arguments)
        : this(hubPort, edgeId, secret, openFiles: null, arguments)
    {
    }

    public EdgeFixture(int hubPort, string edgeId, string secret, string? openFiles, IEnumerable<string> arguments)
        : this(hubPort, edgeId, secret, new Dictionary<string, string>(), openFiles, arguments)
    {
    }

    public EdgeFixture(int hubPort, string edgeId, string secret, IReadOnlyDictionary<string, string> environment, IEnumerable<string> arguments)
        : this(hubPort, edgeId, secret, environment, openFiles: null, arguments)
    {
    }

    private EdgeFixture(
        int hubPort, string edgeId, string secret, IReadOnlyDictionary<string, string> environment, string? openFiles, IEnumerable<string> arguments)
        : this(new EdgeSetup
        {
            Hub = $"127.0.0.1:{hubPort}",
            EdgeId = edgeId,
            Secret = secret,
            Environment = environment,
            Launcher = RemoteIngressProcess.LimitFiles(openFiles),
            Arguments = [.. arguments],
        })
    {
    }

    public EdgeFixture(EdgeSetup setup)
    {
        var statusPort = Ports.Free();
        var statusUrl = $"http://127.0.0.1:{statusPort}";
        _network = setup.Network;
        _status = NetworkNamespace.CreateHttpClient(setup.Network);
        _status.BaseAddress = new Uri(statusUrl);
        Process = NetworkNamespace.RunIn(setup.Network, () => new RemoteIngressProcess(
            ["edge", "--hub", setup.Hub, "--edge-id", setup.EdgeId, "--transport", "tcpTls", "--status-url", statusUrl, .. setup.Arguments],
            new Dictionary<string, string>(setup.Environment) { ["REMOTEINGRESS_SECRET"] = setup.Secret },
            setup.Launcher));
        _idle = new IdleProcess(
            Process, "remoteingress_edge", statusPort, 1 + setup.Arguments.Count(static argument => argument == "--hub"), ReadMetricsAsync);
    }

    public RemoteIngressProcess Process { get; }

    public Task WaitForReadyLineAsync(CancellationToken cancellation) => Process.WaitForLineAsync(
        "is ready", static line => line.StartsWith("edge ", StringComparison.Ordinal) && line.Contains(" is ready: "), cancellation);

    /// <summary>Waits until a tunnel is up and all of these ports are open.</summary>
    public async Task WaitForPortsAsync(IReadOnlyList<PortSpec> ports, CancellationToken cancellation)
    {
        foreach (var port in ports.Where(static port => port.IsUdp))
        {
            await Poll.UntilAsync($"edge has {port.Key}\n{Process.Text}", token => HasUdpAsync(port.Port, token), cancellation);
        }

        await WaitForPortsAsync([.. ports.Where(static port => !port.IsUdp).Select(static port => port.Port)], cancellation);
    }

    /// <summary>Waits until a tunnel is up and all of these TCP ports accept.</summary>
    public async Task WaitForPortsAsync(IReadOnlyList<int> ports, CancellationToken cancellation)
    {
        await Poll.UntilAsync($"edge is connected\n{Process.Text}", IsConnectedAsync, cancellation);
        foreach (var port in ports)
        {
            await Poll.UntilAsync($"edge accepts on {port}\n{Process.Text}", token => Ports.AcceptsAsync(port, token, _network), cancellation);
        }

        if (!_isNoted)
        {
            await _idle.NoteAsync(cancellation);
            _isNoted = true;
        }
    }

    public async Task<bool> IsConnectedAsync(CancellationToken cancellation) =>
        await TryGetStatusAsync(cancellation) is { } status && status.GetProperty("connected").GetBoolean();

    /// <summary>The status; null while the endpoint does not answer.</summary>
    public async Task<JsonElement?> TryGetStatusAsync(CancellationToken cancellation)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(await _status.GetStringAsync(new Uri("/status", UriKind.Relative), cancellation));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public async Task<HttpStatusCode> GetStatusCodeAsync(string path, CancellationToken cancellation)
    {
        using var response = await _status.GetAsync(new Uri(path, UriKind.Relative), cancellation);
        return response.StatusCode;
    }

    public async Task<MetricsPage> ReadMetricsAsync(CancellationToken cancellation) =>
        new(await _status.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellation));

    /// <summary>Waits until it holds no more than when it was idle. Nothing to see when it never was connected, or has ended.</summary>
    public Task NothingIsLeftAsync(CancellationToken cancellation) =>
        _isNoted && !Process.HasExited ? _idle.UntilIdleAsync(cancellation) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        try
        {
            await NothingIsLeftAsync(Timeouts.ToEnd());
        }
        finally
        {
            await StopAsync();
        }
    }

    private async Task<bool> HasUdpAsync(int port, CancellationToken cancellation) =>
        await TryGetStatusAsync(cancellation) is { } status
        && status.GetProperty("listenPortsUdp").EnumerateArray().Any(element => element.GetInt32() == port);

    private async Task StopAsync()
    {
        _status.Dispose();
        await Process.DisposeAsync();
    }
}
