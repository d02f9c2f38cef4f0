using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Network;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.Testing.Fixtures;

/// <summary>A hub as a real process, with its API.</summary>
public sealed class HubFixture : IAsyncDisposable
{
    private readonly IdleProcess _idle;

    private HubFixture(HubSetup setup)
    {
        Setup = setup;
        AdminUrl = $"http://127.0.0.1:{setup.AdminPort}";
        Api = NetworkNamespace.CreateHttpClient(setup.Network);
        Api.BaseAddress = new Uri(AdminUrl + "/api/v1/");
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", setup.AdminToken);

        // a file and not an argument: an empty list must be possible, and secrets do not belong on a command line
        string[] edges = setup.Edges is { } list ? ["--allowed-edges", setup.Data.Write($"edges-{setup.AdminPort}.json", EdgeSpec.ToJson(list))] : [];
        Process = NetworkNamespace.RunIn(setup.Network, () => new RemoteIngressProcess(
        [
            "hub", "--tunnel-address", setup.TunnelAddress, "--tunnel-port", $"{setup.TunnelPort}", "--admin-url", AdminUrl,
            "--data-dir", Path.Combine(setup.Data.Path, setup.HubId), "--hub-id", setup.HubId, .. edges, .. setup.Arguments,
        ],
        new Dictionary<string, string>(setup.Environment) { ["REMOTEINGRESS_ADMIN_TOKEN"] = setup.AdminToken },
        RemoteIngressProcess.LimitFiles(setup.OpenFiles)));
        _idle = new IdleProcess(Process, "remoteingress_hub", setup.AdminPort, hubs: 0, ReadMetricsAsync);
    }

    public HubSetup Setup { get; }

    public string AdminUrl { get; }

    public HttpClient Api { get; }

    public RemoteIngressProcess Process { get; }

    /// <summary>Starts it and waits for its line that says it is ready, and for its silo, unless Redis is what that waits for.</summary>
    public static async Task<HubFixture> StartAsync(HubSetup setup, CancellationToken cancellation)
    {
        var hub = new HubFixture(setup);
        try
        {
            await hub.Process.WaitForLineAsync("is ready", static line => line.StartsWith("hub ", StringComparison.Ordinal) && line.Contains(" is ready: "), cancellation);
            await Poll.UntilAsync("its silo runs, or Redis is away", hub.HasSiloOrNoRedisAsync, cancellation);
            await hub._idle.NoteAsync(cancellation);
            return hub;
        }
        catch
        {
            await hub.DisposeAsync();
            throw;
        }
    }

    // On a slow machine a hub that joins a cluster takes tunnels before its silo has joined.
    private async Task<bool> HasSiloOrNoRedisAsync(CancellationToken cancellation)
    {
        try
        {
            using var answer = await Api.GetAsync(new Uri(AdminUrl + "/readyz"), cancellation);
            return answer.IsSuccessStatusCode || (await answer.Content.ReadAsStringAsync(cancellation)).Contains("--redis", StringComparison.Ordinal);
        }
        catch (HttpRequestException)
        {
            // it has no API, or one that is not reached from here
            return true;
        }
    }

    /// <summary>Makes the registry hold exactly these edges.</summary>
    public async Task<JsonElement> PutEdgesAsync(CancellationToken cancellation, params EdgeSpec[] edges)
    {
        var (status, body) = await PutAsync("edges", EdgeSpec.ToJson(edges), cancellation);
        return status == 200 ? JsonSerializer.Deserialize<JsonElement>(body) : throw new InvalidOperationException($"PUT edges: {status} {body}");
    }

    public async Task<(int Status, string Body)> PutAsync(string path, string json, CancellationToken cancellation)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Api.PutAsync(new Uri(path, UriKind.Relative), content, cancellation);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
    }

    public async Task<(int Status, string Body)> DeleteAsync(string path, CancellationToken cancellation)
    {
        using var response = await Api.DeleteAsync(new Uri(path, UriKind.Relative), cancellation);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
    }

    public Task<string> GetAsync(string path, CancellationToken cancellation) => Api.GetStringAsync(new Uri(path, UriKind.Relative), cancellation);

    public async Task<IReadOnlyList<string>> ConnectedEdgesAsync(CancellationToken cancellation)
    {
        var status = JsonSerializer.Deserialize<JsonElement>(await GetAsync("status", cancellation));
        return [.. status.GetProperty("connectedEdges").EnumerateArray().Select(static edge => edge.GetProperty("edgeId").GetString()!)];
    }

    /// <summary>The generation of one edge's desired state.</summary>
    public async Task<long> GenerationAsync(string edgeId, CancellationToken cancellation) =>
        JsonSerializer.Deserialize<JsonElement>(await GetAsync("edges/" + edgeId, cancellation)).GetProperty("generation").GetInt64();

    public async Task<MetricsPage> ReadMetricsAsync(CancellationToken cancellation) =>
        new(await Api.GetStringAsync(new Uri(AdminUrl + "/metrics"), cancellation));

    /// <summary>Waits until it holds no more than when it was idle. Nothing to see when it has ended.</summary>
    public Task NothingIsLeftAsync(CancellationToken cancellation) =>
        Process.HasExited ? Task.CompletedTask : _idle.UntilIdleAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await NothingIsLeftAsync(Timeouts.ToEnd());
        }
        finally
        {
            Api.Dispose();
            await Process.DisposeAsync();
        }
    }
}
