using System.Net;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Udp;

/// <summary>Datagrams through a real edge and a real hub to a target that notes what it gets.</summary>
public sealed class DatagramTests : IDisposable
{
    // Sessions end soon after a test, which is how the fixture sees that nothing is left.
    private const string ShortIdle = """{"udpIdleSeconds":1}""";

    private readonly TempDirectory _files = new();

    [Theory]
    [InlineData("none")]
    [InlineData("v2-header-only")]
    public async Task Sizes_ArriveEqualBothWays(string proxyProtocol)
    {
        var token = Timeouts.Token();
        await using var target = new UdpTarget();
        var port = TunnelFixture.UdpPort(target.EndPoint, proxyProtocol);
        await using var tunnel = await StartAsync(token, port);
        using var client = new UdpTestClient(port.Port);

        foreach (var size in new[] { 0, 1, 1_200, 1_473, 9_000, 65_507 })
        {
            var payload = new byte[size];
            new Random(size).NextBytes(payload);
            await client.EchoAsync(payload, token);
            Assert.Contains(target.Arrivals, arrival => arrival.Payload.AsSpan().SequenceEqual(payload));
        }
    }

    [Fact]
    public async Task Headers_StandWhereThePortWantsThem()
    {
        var token = Timeouts.Token();
        await using var alone = new UdpTarget();
        await using var first = new UdpTarget();
        await using var every = new UdpTarget();
        await using var none = new UdpTarget();
        PortSpec[] ports =
        [
            TunnelFixture.UdpPort(alone.EndPoint), TunnelFixture.UdpPort(first.EndPoint, "v2-first"),
            TunnelFixture.UdpPort(every.EndPoint, "v2-every"), TunnelFixture.UdpPort(none.EndPoint, "none"),
        ];
        await using var tunnel = await StartAsync(token, ports);

        foreach (var (target, port, pattern) in new[] { (alone, ports[0], "H- -1 -2"), (first, ports[1], "H1 -2"), (every, ports[2], "H1 H2"), (none, ports[3], "-1 -2") })
        {
            using var client = new UdpTestClient(port.Port, "127.0.0.9");
            await client.EchoAsync("1"u8.ToArray(), token);
            await client.EchoAsync("2"u8.ToArray(), token);

            Assert.Equal(pattern, string.Join(' ', target.Arrivals.Select(Describe)));
            Assert.All(target.Headers, header =>
            {
                Assert.Equal(client.EndPoint, header.Source);
                Assert.Equal(new IPEndPoint(IPAddress.Loopback, port.Port), header.Destination);
            });
            Assert.Single(target.Arrivals.Select(static arrival => arrival.From).Distinct());
        }
    }

    [Theory]
    [InlineData("127.0.0.77")]
    [InlineData("::1")]
    public async Task Answers_LeaveFromTheAddressThatWasAsked(string address)
    {
        var token = Timeouts.Token();
        await using var target = new UdpTarget();
        var port = TunnelFixture.UdpPort(target.EndPoint);
        await using var tunnel = await StartAsync(token, port);

        // connected: it takes nothing that comes from elsewhere
        using var client = new UdpTestClient(new IPEndPoint(IPAddress.Parse(address), port.Port));
        await client.EchoAsync("from where?"u8.ToArray(), token);

        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), port.Port), Assert.Single(target.Headers).Destination);
    }

    [Fact]
    public async Task TwoClients_HaveASessionEach()
    {
        var token = Timeouts.Token();
        await using var target = new UdpTarget();
        var port = TunnelFixture.UdpPort(target.EndPoint);
        await using var tunnel = await StartAsync(token, port);
        using var one = new UdpTestClient(port.Port, "127.0.0.5");
        using var two = new UdpTestClient(port.Port, "127.0.0.6");

        await one.EchoAsync("one"u8.ToArray(), token);
        await two.EchoAsync("two"u8.ToArray(), token);

        Assert.Equal(2, target.Arrivals.Select(static arrival => arrival.From).Distinct().Count());
        Assert.Equal([one.EndPoint, two.EndPoint], target.Headers.Select(static header => header.Source!));
    }

    [Fact]
    public async Task Idle_EndsTheSessionAndTheNextDatagramBringsItsHeaderAgain()
    {
        var token = Timeouts.Token();
        await using var target = new UdpTarget();
        var port = TunnelFixture.UdpPort(target.EndPoint);
        await using var tunnel = await StartAsync(token, port);
        using var client = new UdpTestClient(port.Port);

        await client.EchoAsync("before"u8.ToArray(), token);
        await Poll.UntilAsync("both ends forgot it", async wait => await SessionsAsync(tunnel, wait) == (0, 0), token);
        await client.EchoAsync("after"u8.ToArray(), token);

        Assert.Equal(2, target.Headers.Count());
        Assert.Equal(1, (await tunnel.Edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_udp_session_ends_total", "idle_timeout"));
    }

    [Fact]
    public async Task TargetThatIsNotThere_ClosesTheSessionAndIsTold_AndServesWhenItComes()
    {
        var token = Timeouts.Token();
        var where = new IPEndPoint(IPAddress.Loopback, Ports.Free());
        var port = TunnelFixture.UdpPort(where);
        await using var tunnel = await StartAsync(token, port);
        using var client = new UdpTestClient(port.Port);

        await client.SendAsync("nobody"u8.ToArray(), token);
        await Poll.UntilAsync(
            "the refusal is counted", async wait => (await tunnel.Hub.ReadMetricsAsync(wait)).Sum("remoteingress_hub_udp_session_ends_total", "target_refused") == 1, token);
        await tunnel.Hub.Process.WaitForLineAsync("names it", line => line.Contains(where.ToString()) && line.Contains("target_refused"), token);

        await using var target = new UdpTarget(port: where.Port);
        await client.EchoAsync("somebody"u8.ToArray(), token);
    }

    [Fact]
    public async Task Hub_KilledAndRestarted_SessionGoesOnWithItsHeader()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(60));
        await using var target = new UdpTarget();
        var port = TunnelFixture.UdpPort(target.EndPoint);
        await using var tunnel = await StartAsync(token, port);
        using var client = new UdpTestClient(port.Port);
        await client.EchoAsync("before"u8.ToArray(), token);

        tunnel.Hub.Process.Send(Signal.Kill);
        await tunnel.Hub.Process.WaitForExitAsync(token);
        await client.SendAsync("into the void"u8.ToArray(), token);
        await tunnel.RestartHubAsync(token);
        await client.EchoUntilAnsweredAsync("after"u8.ToArray(), token);

        Assert.True(target.Headers.Count() >= 2);
        Assert.All(target.Headers, header => Assert.Equal(client.EndPoint, header.Source));
    }

    [Fact]
    public async Task Port_RemovedAndAddedWhileItRuns_AndBusyOnesAreReported()
    {
        var token = Timeouts.Token();
        await using var target = new UdpTarget();
        var port = TunnelFixture.UdpPort(target.EndPoint);
        await using var tunnel = await StartAsync(token, port);
        using var client = new UdpTestClient(port.Port);
        await client.EchoAsync("before"u8.ToArray(), token);

        await tunnel.Hub.PutEdgesAsync(token, TunnelFixture.Spec());
        await Poll.UntilAsync("the port is closed", async wait => (await tunnel.Edge.TryGetStatusAsync(wait))!.Value.GetProperty("listenPortsUdp").GetArrayLength() == 0, token);
        Assert.Equal((0, 0), await SessionsAsync(tunnel, token));

        await using var occupant = new UdpTarget();
        await tunnel.Hub.PutEdgesAsync(token, TunnelFixture.Spec(port, new PortSpec(occupant.EndPoint.Port, target.EndPoint.ToString(), IsUdp: true)));
        await client.EchoUntilAnsweredAsync("again"u8.ToArray(), token);
        var failed = (await tunnel.Edge.TryGetStatusAsync(token))!.Value.GetProperty("failedPorts")[0];
        Assert.Equal((occupant.EndPoint.Port, "udp"), (failed.GetProperty("port").GetInt32(), failed.GetProperty("protocol").GetString()));
    }

    [Fact]
    public async Task Target_ChangedWhileASessionNeverFallsSilent_TakesTheSessionAlong()
    {
        var token = Timeouts.Token();
        await using var first = new UdpTarget();
        await using var second = new UdpTarget();
        var port = TunnelFixture.UdpPort(first.EndPoint);
        await using var tunnel = await StartAsync(token, port);
        using var client = new UdpTestClient(port.Port);
        await client.EchoAsync("first"u8.ToArray(), token);

        await tunnel.Hub.PutEdgesAsync(token, TunnelFixture.Spec(port with { Target = second.EndPoint.ToString() }));
        await Poll.UntilAsync(
            "the second target gets it",
            async wait =>
            {
                await client.EchoUntilAnsweredAsync("on and on"u8.ToArray(), wait);
                return !second.Arrivals.IsEmpty;
            },
            token);

        Assert.NotNull(second.Arrivals.First().Header);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sigterm_WithASession_EndsSoonAfterItFellSilent(bool hub)
    {
        // far less than the drain may take, 10 minutes
        var token = Timeouts.Within(TimeSpan.FromSeconds(60));
        await using var target = new UdpTarget();
        var port = TunnelFixture.UdpPort(target.EndPoint);
        string[] patient = ["--drain-timeout", "10m"];
        var performance = _files.Write("edge.json", """{"udpIdleSeconds":10}""");
        await using var tunnel = await TunnelFixture.StartAsync([port], patient, [.. patient, "--performance", performance], token);
        using var client = new UdpTestClient(port.Port);
        await client.EchoAsync("on its way"u8.ToArray(), token);

        var process = hub ? tunnel.Hub.Process : tunnel.Edge.Process;
        Assert.Equal(0, await process.TerminateAsync(token));
        Assert.DoesNotContain("were cut", process.Text, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Dispose();

    private Task<TunnelFixture> StartAsync(CancellationToken token, params PortSpec[] ports) =>
        TunnelFixture.StartAsync(ports, [], ["--performance", _files.Write("edge.json", ShortIdle)], token);

    private static async Task<(long Edge, long Hub)> SessionsAsync(TunnelFixture tunnel, CancellationToken token) => (
        (await tunnel.Edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_udp_sessions"),
        (await tunnel.Hub.ReadMetricsAsync(token)).Sum("remoteingress_hub_udp_sessions"));

    private static string Describe(UdpArrival arrival) =>
        (arrival.Header is null ? "-" : "H") + (arrival.Payload.Length == 0 ? "-" : System.Text.Encoding.ASCII.GetString(arrival.Payload));
}
