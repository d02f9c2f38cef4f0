using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.EndToEnd.Tests.Udp;

public sealed class IperfTests : IDisposable
{
    private readonly TempDirectory _files = new();

    [Fact]
    public async Task Udp50MbitPerSecond_WithItsTcpControlConnectionThroughTheSameEdge_LosesNothing()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(60));
        var server = Ports.Free();
        await using var iperf = new ExternalProcess(Tool.Require("iperf3"), ["-s", "--forceflush", "-B", "127.0.0.1", "-p", $"{server}"]);
        await iperf.WaitForLineAsync("listens", static line => line.Contains("listening", StringComparison.OrdinalIgnoreCase), token);

        // one number for both: iperf3 measures on the port that it controls by
        var tcp = TunnelFixture.Port(server, "none");
        var udp = tcp with { IsUdp = true };
        await using var tunnel = await TunnelFixture.StartAsync([tcp, udp], [], ["--performance", _files.Write("edge.json", """{"udpIdleSeconds":1}""")], token);
        var overflowsBefore = SocketOverflows();
        var (exitCode, text, error) = await Tool.RunAsync(
            "iperf3", ["-c", "127.0.0.1", "-p", $"{tcp.Port}", "-u", "-b", "50M", "-l", "1200", "-t", "3", "--json"], token);

        Assert.True(exitCode == 0 && text.Contains("\"lost_packets\"", StringComparison.Ordinal), text + error + iperf.Text);
        var sum = JsonSerializer.Deserialize<JsonElement>(text).GetProperty("end").GetProperty("sum");
        var (packets, lost) = (sum.GetProperty("packets").GetInt64(), sum.GetProperty("lost_packets").GetInt64());
        TestContext.Current.SendDiagnosticMessage($"{packets} datagrams, {lost} lost");
        Assert.True(packets > 10_000, text);
        Assert.Equal(0, (await tunnel.Edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_udp_drops_total"));
        Assert.Equal(0, (await tunnel.Hub.ReadMetricsAsync(token)).Sum("remoteingress_hub_udp_drops_total"));

        // iperf3's own socket has room for some 20 ms: what it was too late to read, the kernel counts
        Assert.InRange(lost, 0, SocketOverflows() - overflowsBefore);
    }

    public void Dispose() => _files.Dispose();

    /// <summary>Datagrams that found the buffer of a socket full, on this machine (RcvbufErrors of snmp).</summary>
    private static long SocketOverflows()
    {
        var lines = File.ReadLines("/proc/net/snmp").Where(static line => line.StartsWith("Udp:", StringComparison.Ordinal)).Select(static line => line.Split(' ')).ToArray();
        return long.Parse(lines[1][Array.IndexOf(lines[0], "RcvbufErrors")], System.Globalization.CultureInfo.InvariantCulture);
    }
}
