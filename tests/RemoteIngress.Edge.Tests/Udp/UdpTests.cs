using System.Text;
using RemoteIngress.Edge.Tests.Hubs;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.Edge.Tests.Udp;

/// <summary>UDP sessions of a real edge with scripted hubs behind it.</summary>
public sealed class UdpTests
{
    [Fact]
    public async Task Session_IsOpenedOnceAndAnswersComeBack()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await StartAsync([hub]);
        using var client = new UdpTestClient(edge.Port);

        Assert.Equal("hub-1:one", await AskAsync(client, "one", edge));
        Assert.Equal("hub-1:two", await AskAsync(client, "two", edge));

        var session = await hub.NextUdpAsync(edge.Token);
        Assert.Equal(client.EndPoint, session.Client);
        Assert.Equal(("one", "two"), (await session.NextAsync(edge.Token), await session.NextAsync(edge.Token)));
        var status = await edge.Edge.GetStatusAsync();
        Assert.Equal((1, 1), (status.ActiveUdpSessions, status.Udp!.SessionsOpened));
        Assert.Equal([edge.Port], status.ListenPortsUdp);
        Assert.Equal((2, 2), (status.Udp.Datagrams["into_tunnel"], status.Udp.Datagrams["out_of_tunnel"]));
        Assert.InRange(status.Udp.ReceiveBuffer!.Value, 1, status.Udp.ReceiveBufferWanted);
    }

    [Fact]
    public async Task MaxSessions_TheOneThatWasIdleTheLongestGoes()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await StartAsync([hub], options => options.MaxUdpSessions = 2);
        using var first = new UdpTestClient(edge.Port);
        using var second = new UdpTestClient(edge.Port);
        using var third = new UdpTestClient(edge.Port);
        await AskAsync(first, "1", edge);
        await AskAsync(second, "2", edge);
        await AskAsync(first, "again", edge);
        await AskAsync(third, "3", edge);

        await hub.NextUdpAsync(edge.Token);
        var evicted = await hub.NextUdpAsync(edge.Token);
        Assert.Equal(second.EndPoint, evicted.Client);
        await evicted.Closed.WaitAsync(edge.Token);
        var status = await edge.Edge.GetStatusAsync();
        Assert.Equal((2, 1), (status.ActiveUdpSessions, status.Limits["maxUdpSessions"]));
        Assert.Equal(1, status.Udp!.SessionsEnded["limit_reached"]);
        Assert.Equal("hub-1:still", await AskAsync(first, "still", edge));
    }

    [Fact]
    public async Task MaxSessionsPerClient_OneClientsFloodCostsNobodyElseASession()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await StartAsync([hub], options => options.MaxUdpSessionsPerClient = 3);
        using var other = new UdpTestClient(edge.Port, "127.0.0.8");
        await AskAsync(other, "here", edge);
        for (var i = 0; i < 10; i++)
        {
            using var flood = new UdpTestClient(edge.Port, "127.0.0.7");
            await AskAsync(flood, $"{i}", edge);
        }

        var status = await edge.Edge.GetStatusAsync();
        Assert.Equal((4, 7), (status.ActiveUdpSessions, status.Limits["maxUdpSessionsPerClient"]));
        Assert.False((await hub.NextUdpAsync(edge.Token)).Closed.IsCompleted);
    }

    [Fact]
    public async Task TunnelIsLost_TheNextDatagramGoesThroughTheOther_WithItsHeader()
    {
        await using var one = ScriptedHub.Start("one");
        await using var two = ScriptedHub.Start("two");
        await using var edge = await StartAsync([one, two]);
        using var client = new UdpTestClient(edge.Port);
        var (first, second) = Order(await AskAsync(client, "a", edge), one, two);

        var session = await first.NextUdpAsync(edge.Token);
        await first.DisposeAsync();
        await session.Closed.WaitAsync(edge.Token);
        await Poll.UntilAsync("the edge knows", async _ => (await edge.Edge.GetStatusAsync()).Tunnels.Count(tunnel => tunnel.State == "ready") == 1, edge.Token);

        Assert.Equal($"{second.Name}:b", await AskAsync(client, "b", edge));
        Assert.Equal(client.EndPoint, (await second.NextUdpAsync(edge.Token)).Client);
        var status = await edge.Edge.GetStatusAsync();
        Assert.Equal((1, 1, 1), (status.ActiveUdpSessions, status.Udp!.SessionsOpened, status.Udp.SessionsMoved));
    }

    [Fact]
    public async Task HubDrains_TheNextDatagramGoesThroughTheOther_AndTheOldHubsAnswersStillArrive()
    {
        await using var one = ScriptedHub.Start("one");
        await using var two = ScriptedHub.Start("two");
        await using var edge = await StartAsync([one, two]);
        using var client = new UdpTestClient(edge.Port);
        var (first, second) = Order(await AskAsync(client, "a", edge), one, two);
        var session = await first.NextUdpAsync(edge.Token);

        first.Drain();
        await Poll.UntilAsync("the edge knows", async _ => (await edge.Edge.GetStatusAsync()).Tunnels.Any(tunnel => tunnel.State == "draining"), edge.Token);
        Assert.Equal($"{second.Name}:b", await AskAsync(client, "b", edge));

        session.Send("late");
        Assert.Equal("late", Encoding.ASCII.GetString(await client.ReceiveAsync(edge.Token)));
    }

    [Fact]
    public async Task OnlyHubDrains_ItsSessionsGoOnThere()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await StartAsync([hub]);
        using var client = new UdpTestClient(edge.Port);
        await AskAsync(client, "a", edge);

        hub.Drain();
        await Poll.UntilAsync("the edge knows", async _ => !(await edge.Edge.GetStatusAsync()).Connected, edge.Token);

        Assert.Equal("hub-1:b", await AskAsync(client, "b", edge));
    }

    [Fact]
    public async Task HubCloses_TheNextDatagramOpensAnew()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await StartAsync([hub]);
        using var client = new UdpTestClient(edge.Port);
        await AskAsync(client, "a", edge);

        (await hub.NextUdpAsync(edge.Token)).Close();
        await Poll.UntilAsync("the edge knows", async _ => (await edge.Edge.GetStatusAsync()).ActiveUdpSessions == 0, edge.Token);

        Assert.Equal("hub-1:b", await AskAsync(client, "b", edge));
        Assert.Equal(2, (await edge.Edge.GetStatusAsync()).Udp!.SessionsOpened);
    }

    [Fact]
    public async Task NoTunnel_DatagramsAreDroppedAndCounted_AndTheClientIsServedWhenThereIsOne()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await StartAsync([hub]);
        using var client = new UdpTestClient(edge.Port);
        var port = hub.Address.Port;
        await hub.DisposeAsync();
        await Poll.UntilAsync("the edge knows", async _ => !(await edge.Edge.GetStatusAsync()).Connected, edge.Token);

        await client.SendAsync("lost"u8.ToArray(), edge.Token);
        await Poll.UntilAsync("it is counted", async _ => (await edge.Edge.GetStatusAsync()).Udp!.Dropped.GetValueOrDefault("no_tunnel") == 1, edge.Token);

        await using var next = ScriptedHub.Start("next", port);
        await next.NextSessionAsync(edge.Token);
        await Poll.UntilAsync("it is back", async _ => (await edge.Edge.GetStatusAsync()).Connected, edge.Token);
        Assert.Equal("next:found", await AskAsync(client, "found", edge));
    }

    [Fact]
    public async Task Idle_EndsAtItsTimeAndNotBefore()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await StartAsync([hub], options => options.UdpIdleSeconds = 1);
        using var client = new UdpTestClient(edge.Port);
        await AskAsync(client, "a", edge);

        var session = await hub.NextUdpAsync(edge.Token);
        await session.Closed.WaitAsync(edge.Token);

        Assert.Equal(1, (await edge.Edge.GetStatusAsync()).Udp!.SessionsEnded["idle_timeout"]);
    }

    [Fact]
    public async Task Port_IsTaken_IsReportedAndTcpOfTheSameNumberWorks()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);
        await using var occupant = new UdpTarget();
        var port = occupant.EndPoint.Port;
        hub.Push(EdgeHarness.Snapshot(2, "eager", port) with { ListenPortsUdp = [port] });

        var ports = (await hub.NextAckAsync(edge.Token)).Ports;

        Assert.Equal([("tcp", true), ("udp", false)], ports.Select(result => (result.Protocol, result.Ok)));
        using var client = await edge.ConnectAsync(port);
    }

    [Fact]
    public async Task DatagramLoop_HasATunnelOfItsOwnAsSoonAsThereIsAUdpPort()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub], change: options =>
        {
            options.DatagramLoops = 1;
            return options;
        });
        Assert.Equal(1, Assert.Single((await edge.Edge.GetStatusAsync()).Tunnels).Connections);

        hub.Push(EdgeHarness.Snapshot(2, "eager", edge.Port) with { ListenPortsUdp = [edge.Port] });
        await hub.NextSessionAsync(edge.Token);
        await hub.NextAckAsync(edge.Token);
        using var client = new UdpTestClient(edge.Port);
        Assert.Equal("hub-1:one", await AskAsync(client, "one", edge));
        using var connection = await edge.ConnectAsync();
        await hub.NextStreamAsync(edge.Token);

        var (streams, datagrams) = (edge.Edge.Loops[0], edge.Edge.Loops[1]);
        Assert.Equal((0, 1), (streams.Loop.Datagrams.Counts.Sessions, datagrams.Loop.Datagrams.Counts.Sessions));
        Assert.Equal((1, 0), (streams.Counters.Active, datagrams.Counters.Active));
        var status = await edge.Edge.GetStatusAsync();
        Assert.Equal([edge.Port], status.ListenPortsUdp);
        Assert.Equal(2, Assert.Single(status.Tunnels).Connections);
    }

    private static Task<EdgeHarness> StartAsync(IReadOnlyList<ScriptedHub> hubs, Action<EdgeOptions>? change = null) =>
        EdgeHarness.StartUdpAsync(hubs, change ?? (_ => { }));

    private static async Task<string> AskAsync(UdpTestClient client, string text, EdgeHarness edge)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes(text), edge.Token);
        return Encoding.ASCII.GetString(await client.ReceiveAsync(edge.Token));
    }

    private static (ScriptedHub First, ScriptedHub Second) Order(string answer, ScriptedHub one, ScriptedHub two) =>
        answer.StartsWith(one.Name, StringComparison.Ordinal) ? (one, two) : (two, one);
}
