using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Udp;

public sealed class ManySessionsTests : IDisposable
{
    private const int Sessions = 20_000;

    // so many that the target's buffer holds them
    private const int AtOnce = 100;
    private const int Rounds = 5;

    // until then what earlier rounds left is garbage that nobody came to collect
    private const int Settled = 2;
    private const long AllowedGrowth = 12L << 20;

    private readonly TempDirectory _files = new();

    [Fact]
    public async Task TwentyThousandSessions_AreHeldExpireAndComeAgain_WithFlatMemory()
    {
        var token = Timeouts.Within(TimeSpan.FromMinutes(3));
        await using var target = new UdpTarget(keeps: false);
        var port = TunnelFixture.UdpPort(target.EndPoint);

        // two, since a session takes a descriptor at its hub, and there are machines where a process gets 20,000
        using var data = new TempDirectory();
        using var otherData = new TempDirectory();
        await using var hub = await HubFixture.StartAsync(new HubSetup { Data = data, Edges = [TunnelFixture.Spec(port)] }, token);
        await using var other = await HubFixture.StartAsync(new HubSetup { Data = otherData, HubId = "hub-2", Edges = [TunnelFixture.Spec(port)] }, token);
        await using var edge = new EdgeFixture(
            hub.Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret,
            "--hub", $"127.0.0.1:{other.Setup.TunnelPort}", "--performance", _files.Write("edge.json", """{"udpIdleSeconds":30}"""));
        await edge.WaitForPortsAsync([port], token);
        await Poll.UntilAsync("both hubs have tunnels", async wait => await TunnelsAsync(hub, wait) > 0 && await TunnelsAsync(other, wait) > 0, token);
        var resident = new List<long[]>();

        for (var round = 0; round < Rounds; round++)
        {
            await OpenAllAsync(port.Port, token);
            await Poll.UntilAsync("all are held", async wait => await CountAsync(edge, [hub, other], wait) == (Sessions, Sessions), token);
            resident.Add([edge.Process.ResidentBytes, hub.Process.ResidentBytes, other.Process.ResidentBytes]);

            if (round < Rounds - 1)
            {
                // with their port: waiting for the idle time each time would only take longer
                await SetAsync([], [hub, other], token);
                await Poll.UntilAsync("none is left", async wait => await CountAsync(edge, [hub, other], wait) == (0, 0), token);
                await SetAsync([port], [hub, other], token);
                await edge.WaitForPortsAsync([port], token);
            }
        }

        await Poll.UntilAsync("all have expired", async wait => await CountAsync(edge, [hub, other], wait) == (0, 0), token);
        Assert.Equal(Sessions, (await edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_udp_session_ends_total", "idle_timeout"));

        TestContext.Current.SendDiagnosticMessage(string.Join("; ", resident.Select(static entry => $"MiB: {string.Join(", ", entry.Select(static bytes => bytes >> 20))}")));
        Assert.All(resident[^1].Zip(resident[Settled]), pair => Assert.InRange(pair.First - pair.Second, long.MinValue, AllowedGrowth));
        Assert.Equal(0, (await edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_udp_drops_total"));
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
                return await CountAsync(tunnel.Edge, [tunnel.Hub], wait) == (1, 1);
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

    private static async Task SetAsync(PortSpec[] ports, HubFixture[] hubs, CancellationToken token)
    {
        foreach (var hub in hubs)
        {
            await hub.PutEdgesAsync(token, TunnelFixture.Spec(ports));
        }
    }

    private static async Task<long> TunnelsAsync(HubFixture hub, CancellationToken token) => (await hub.ReadMetricsAsync(token)).Sum("remoteingress_hub_tunnels");

    private static async Task<(long Edge, long Hubs)> CountAsync(EdgeFixture edge, HubFixture[] hubs, CancellationToken token)
    {
        var atHubs = 0L;
        foreach (var hub in hubs)
        {
            atHubs += (await hub.ReadMetricsAsync(token)).Sum("remoteingress_hub_udp_sessions");
        }

        return ((await edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_udp_sessions"), atHubs);
    }
}
