using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>One hub process of a <see cref="DirectoryCluster"/>, told to edges by its address.</summary>
internal sealed class DirectoryHub : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    internal DirectoryHub(string id, IReadOnlyList<string> arguments, int? tunnelPort = null, string? advertise = null)
    {
        Id = id;
        TunnelPort = tunnelPort ?? Ports.Free();
        AdminUrl = $"http://127.0.0.1:{Ports.Free()}";
        _http.BaseAddress = new Uri(AdminUrl + "/api/v1/");
        Process = new RemoteIngressProcess(
        [
            "hub", "--hub-id", id, "--tunnel-address", "127.0.0.1", "--tunnel-port", $"{TunnelPort}", "--admin-url", AdminUrl,
            "--advertise", advertise ?? Address, "--drain-timeout", "60s", .. arguments,
        ]);
    }

    internal string Id { get; }

    internal int TunnelPort { get; }

    internal string Address => $"127.0.0.1:{TunnelPort}";

    internal string AdminUrl { get; }

    internal RemoteIngressProcess Process { get; }

    internal Task ReadyAsync(CancellationToken token) => Process.WaitForLineAsync(
        "is ready", static line => line.StartsWith("hub ", StringComparison.Ordinal) && line.Contains(" is ready: "), token);

    internal async Task<JsonElement> GetAsync(string path, CancellationToken token) =>
        JsonSerializer.Deserialize<JsonElement>(await _http.GetStringAsync(new Uri(path, UriKind.Relative), token));

    /// <summary>The hubs of the cluster in its words, each with its state.</summary>
    internal async Task<string> HubsAsync(CancellationToken token) => string.Join(
        ", ", (await GetAsync("hubs", token)).EnumerateArray().Select(static hub => $"{hub.GetProperty("hubId")} {hub.GetProperty("state")}"));

    /// <summary>Runs a management command against this hub.</summary>
    internal Task<(int ExitCode, string Out, string Error)> RunAsync(CancellationToken token, params string[] arguments) =>
        RemoteIngressProcess.RunAsync([.. arguments, "--admin-url", AdminUrl], token);

    internal async Task KillAsync(CancellationToken token)
    {
        Process.Send(Signal.Kill);
        await Process.WaitForExitAsync(token);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Process.DisposeAsync();
    }
}
