using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Edge.Events;
using RemoteIngress.Edge.Status;
using RemoteIngress.Edge.Tests.Hubs;
using RemoteIngress.Edge.Tests.PublicIp;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Testing;

namespace RemoteIngress.Edge.Tests.Status;

public sealed class StatusReportTests
{
    [Fact]
    public async Task Tunnel_IsUp_TheHubHearsOfTheEdge()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);

        var report = await hub.NextReportAsync(edge.Token);

        Assert.StartsWith("remoteingress/", report.Software);
        Assert.Equal((null, 0, 0), (report.PublicIp, report.ActiveStreams, report.ActiveUdpSessions));
        Assert.Equal(("off", null), ((await edge.Edge.GetStatusAsync()).Stun!.State, (await edge.Edge.GetStatusAsync()).PublicIp));
    }

    [Fact]
    public async Task Tunnel_CameBack_TheHubHearsOfTheConnectionsToo()
    {
        await using var one = ScriptedHub.Start("one");
        await using var two = ScriptedHub.Start("two");
        await using var edge = await EdgeHarness.StartAsync([one, two]);
        using var client = await edge.ConnectAsync();
        var stream = await ScriptedHub.NextStreamOfAsync(one, two, edge.Token);
        var other = stream.Hub == one ? two : one;

        other.CutTunnels();
        await other.NextSessionAsync(edge.Token);

        while ((await other.NextReportAsync(edge.Token)).ActiveStreams != 1)
        {
            // told before the client came
        }
    }

    [Fact]
    public async Task PublicAddress_IsFoundAndChanges_StatusEventAndEveryHubHaveIt()
    {
        await using var stun = new FakeStunServer { Mapped = IPEndPoint.Parse("203.0.113.7:1") };
        await using var one = ScriptedHub.Start("one");
        await using var two = ScriptedHub.Start("two");
        var found = Channel.CreateUnbounded<PublicIpDiscoveredEventArgs>();
        await using var edge = await EdgeHarness.StartAsync(
            [one, two], change: options => WithStun(options, stun), prepare: edge => edge.PublicIpDiscovered += (_, e) => found.Writer.TryWrite(e));

        Assert.Equal(("203.0.113.7", null), await NextAsync());
        await UntilToldAsync(one, "203.0.113.7", edge);
        await UntilToldAsync(two, "203.0.113.7", edge);
        var status = await edge.Edge.GetStatusAsync();
        Assert.Equal("203.0.113.7", status.PublicIp);
        Assert.Equal(("ok", stun.EndPoint.ToString(), "203.0.113.7", null, null), (status.Stun!.State, status.Stun.Server, status.Stun.IPv4, status.Stun.IPv6, status.Stun.Error));
        Assert.NotNull(status.Stun.LastSuccess);

        // the last question is seconds old: an interval of one makes the next one due
        stun.Mapped = IPEndPoint.Parse("203.0.113.8:1");
        one.Push(EdgeHarness.Snapshot(2, "eager", edge.Port) with { StunIntervalSecs = 1 });

        Assert.Equal(("203.0.113.8", "203.0.113.7"), await NextAsync());
        await UntilToldAsync(one, "203.0.113.8", edge);
        await UntilToldAsync(two, "203.0.113.8", edge);

        async Task<(string, string?)> NextAsync()
        {
            var told = await found.Reader.ReadAsync(edge.Token);
            return (told.PublicIp, told.Previous);
        }
    }

    [Fact]
    public async Task SeveralLoops_OneTunnelOfAHubCarriesIt()
    {
        await using var stun = new FakeStunServer();
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub], change: options => WithStun(options, stun, loops: 3));
        var request = await stun.NextAsync(edge.Token);
        await hub.NextSessionAsync(edge.Token);
        await hub.NextSessionAsync(edge.Token);

        stun.Reply(request, "203.0.113.7:1");
        await UntilToldAsync(hub, "203.0.113.7", edge);

        // what was sent over another tunnel at the same time comes before the answer that goes over it
        hub.Push(EdgeHarness.Snapshot(2, "eager", edge.Port));
        for (var acks = 0; acks < 3; acks++)
        {
            await hub.NextAckAsync(edge.Token);
        }

        Assert.False(hub.TryNextReport(out _));
    }

    [Fact]
    public async Task Reporter_TellsEvery15Seconds_AndAtMostFourTimesASecond()
    {
        var time = new FakeTimeProvider();
        var sent = Channel.CreateUnbounded<long>();
        var reporter = new StatusReporter([], Note, time);
        using var stop = new CancellationTokenSource();
        var running = reporter.RunAsync(stop.Token);

        time.Advance(TimeSpan.FromSeconds(15));
        await sent.Reader.ReadAsync(Timeouts.Token());
        for (var i = 0; i < 100; i++)
        {
            reporter.Wake();
        }

        time.Advance(TimeSpan.FromSeconds(0.25));
        await sent.Reader.ReadAsync(Timeouts.Token());
        Assert.False(sent.Reader.TryRead(out _));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        IPAddress? Note()
        {
            sent.Writer.TryWrite(0);
            return null;
        }
    }

    private static async Task<EdgeStatusReport> UntilToldAsync(ScriptedHub hub, string publicIp, EdgeHarness edge)
    {
        while (true)
        {
            var report = await hub.NextReportAsync(edge.Token);
            if (report.PublicIp == publicIp)
            {
                return report;
            }
        }
    }

    private static EdgeOptions WithStun(EdgeOptions options, FakeStunServer server, int loops = 1) => new()
    {
        Hubs = options.Hubs,
        EdgeId = options.EdgeId,
        Secret = options.Secret,
        BindAddress = options.BindAddress,
        StatusUrl = options.StatusUrl,
        StunServer = server.EndPoint.ToString(),
        Loops = loops,
        Transport = options.Transport,
    };
}
