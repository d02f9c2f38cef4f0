using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Udp;

public sealed class ManySessionsTests : IDisposable
{
    private const int Sessions = 20_000;

    // so many that the target's buffer holds them
    private const int AtOnce = 100;
    private const int Rounds = 3;
    private const long AllowedGrowth = 12L << 20;

    private readonly TempDirectory _files = new();

    [Fact]
    public async Task TwentyThousandSessions_AreHeldExpireAndComeAgain_WithFlatMemory()
    {
        var token = Timeouts.Within(TimeSpan.FromMinutes(3));
        await using var target = new UdpTarget(keeps: false);
        var port = TunnelFixture.UdpPort(target.EndPoint);
        var performance = _files.Write("edge.json", """{"udpIdleSeconds":3600}""");
        await using var tunnel = await TunnelFixture.StartAsync(
            [port], [], ["--performance", performance], token, hubFiles: "60000:60000");
        var resident = new List<(long Edge, long Hub)>();

        for (var round = 0; round < Rounds; round++)
        {
            await OpenAllAsync(port.Port, token);
            await Poll.UntilAsync("all are held", async wait => await CountAsync(tunnel, wait) == (Sessions, Sessions), token);
            resident.Add((tunnel.Edge.Process.ResidentBytes, tunnel.Hub.Process.ResidentBytes));

            // they end with their port: waiting for the idle time would only take longer
            await tunnel.Hub.PutEdgesAsync(token, TunnelFixture.Spec());
            await Poll.UntilAsync("none is left", async wait => await CountAsync(tunnel, wait) == (0, 0), token);
            await tunnel.Hub.PutEdgesAsync(token, TunnelFixture.Spec(port));
            await tunnel.Edge.WaitForPortsAsync([port], token);
        }

        TestContext.Current.SendDiagnosticMessage(string.Join("; ", resident.Select(static entry => $"edge {entry.Edge >> 20} MiB, hub {entry.Hub >> 20} MiB")));
        Assert.InRange(resident[^1].Edge - resident[0].Edge, long.MinValue, AllowedGrowth);
        Assert.InRange(resident[^1].Hub - resident[0].Hub, long.MinValue, AllowedGrowth);
        Assert.Equal(0, (await tunnel.Edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_udp_drops_total"));
    }

    [Fact]
    public async Task SessionsThatFellSilent_ExpireInOrder()
    {
        var token = Timeouts.Within(TimeSpan.FromMinutes(2));
        await using var target = new UdpTarget(keeps: false);
        var port = TunnelFixture.UdpPort(target.EndPoint);
        var performance = _files.Write("edge.json", """{"udpIdleSeconds":2}""");
        await using var tunnel = await TunnelFixture.StartAsync([port], [], ["--performance", performance], token);
        using var busy = new UdpTestClient(port.Port);

        await OpenAsync(port.Port, "127.0.2.1", token);
        await Poll.UntilAsync(
            "all but the one that goes on have expired",
            async wait =>
            {
                await busy.EchoAsync("still here"u8.ToArray(), wait);
                return await CountAsync(tunnel, wait) == (1, 1);
            },
            token);

        Assert.Equal(AtOnce, (await tunnel.Edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_udp_session_ends_total", "idle_timeout"));
    }

    public void Dispose() => _files.Dispose();

    private static async Task OpenAllAsync(int port, CancellationToken token)
    {
        for (var wave = 0; wave < Sessions / AtOnce; wave++)
        {
            // an address of its own: a port that the kernel gives out again would be a session that is there already
            await OpenAsync(port, $"127.0.{3 + (wave / 250)}.{1 + (wave % 250)}", token);
        }
    }

    private static async Task OpenAsync(int port, string from, CancellationToken token)
    {
        var clients = Enumerable.Range(0, AtOnce).Select(_ => new UdpTestClient(port, from)).ToArray();
        foreach (var client in clients)
        {
            await client.SendAsync("hello"u8.ToArray(), token);
        }

        foreach (var client in clients)
        {
            await client.ReceiveAsync(token);
            client.Dispose();
        }
    }

    private static async Task<(long Edge, long Hub)> CountAsync(TunnelFixture tunnel, CancellationToken token) => (
        (await tunnel.Edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_udp_sessions"),
        (await tunnel.Hub.ReadMetricsAsync(token)).Sum("remoteingress_hub_udp_sessions"));
}
