using System.Text.Json;
using RemoteIngress.Testing.Network;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.Testing.Cluster;

/// <summary>An edge process on a <see cref="Machine"/> of its own.</summary>
public sealed class MachineEdge : IAsyncDisposable
{
    private readonly NetworkNamespace _network;
    private readonly HttpClient _status;

    internal MachineEdge(NetworkNamespace network, string edgeId, string secret, string[] arguments)
    {
        _network = network;
        _status = NetworkNamespace.CreateHttpClient(network);
        string[] hubs = [.. NetnsCluster.Hubs.SelectMany(static hub => new[] { "--hub", $"{NetnsCluster.Address(hub)}:8443" })];
        Process = network.Run(() => new RemoteIngressProcess(
            ["edge", "--edge-id", edgeId, .. hubs, "--transport", "tcpTls", .. arguments],
            new Dictionary<string, string> { ["REMOTEINGRESS_SECRET"] = secret }));
    }

    public RemoteIngressProcess Process { get; }

    /// <summary>Waits until it accepts on all of these ports.</summary>
    public async Task WaitForPortsAsync(IReadOnlyList<int> ports, CancellationToken cancellation)
    {
        foreach (var port in ports)
        {
            await Poll.UntilAsync($"the edge accepts on {port}\n{Process.Text}", token => Ports.AcceptsAsync(port, token, _network), cancellation);
        }
    }

    /// <summary>To how many hubs it has a tunnel on every loop.</summary>
    public async Task<int> ReadyTunnelsAsync(CancellationToken cancellation)
    {
        try
        {
            var status = JsonSerializer.Deserialize<JsonElement>(await _status.GetStringAsync(new Uri("http://127.0.0.1:9081/status"), cancellation));
            return status.GetProperty("tunnels").EnumerateArray().Count(static tunnel =>
                tunnel.GetProperty("state").GetString() == "ready" && tunnel.GetProperty("connections").GetInt32() >= Environment.ProcessorCount);
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _status.Dispose();
        await Process.DisposeAsync();
    }
}
