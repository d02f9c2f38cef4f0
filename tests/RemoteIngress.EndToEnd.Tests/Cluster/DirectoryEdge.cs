using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>An edge process that was given one hub.</summary>
internal sealed class DirectoryEdge : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    internal DirectoryEdge(string hub, params string[] arguments)
    {
        var url = $"http://127.0.0.1:{Ports.Free()}";
        _http.BaseAddress = new Uri(url);
        Process = new RemoteIngressProcess(
            ["edge", "--hub", hub, "--edge-id", TunnelFixture.EdgeId, "--transport", "tcpTls", "--firewall", "off", "--status-url", url, .. arguments],
            new Dictionary<string, string> { ["REMOTEINGRESS_SECRET"] = TunnelFixture.Secret });
    }

    internal RemoteIngressProcess Process { get; }

    /// <summary>Waits until its tunnels are these, each with its state; returns how long it took.</summary>
    internal async Task<TimeSpan> WaitForTunnelsAsync(CancellationToken token, params (string Hub, string State)[] expected)
    {
        var wanted = Text(expected.Select(static tunnel => $"{tunnel.Hub} {tunnel.State}"));
        var seen = "";
        try
        {
            return await Poll.UntilAsync("tunnels", async cancellation => (seen = await TunnelsAsync(cancellation)) == wanted, token);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"expected {wanted}, seen {seen}\n{Process.Text}");
        }
    }

    private async Task<string> TunnelsAsync(CancellationToken token)
    {
        try
        {
            var status = JsonSerializer.Deserialize<JsonElement>(await _http.GetStringAsync(new Uri("/status", UriKind.Relative), token));
            return Text(status.GetProperty("tunnels").EnumerateArray().Select(static tunnel => $"{tunnel.GetProperty("hub")} {tunnel.GetProperty("state")}"));
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
    }

    private static string Text(IEnumerable<string> tunnels) => string.Join(", ", tunnels.Order(StringComparer.Ordinal));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Process.DisposeAsync();
    }
}
