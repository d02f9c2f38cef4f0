using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Edge.Events;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.EndToEnd.Tests.Embedding;

/// <summary>Internal loops that die of a defect, in a hub and an edge that carry connections.</summary>
public sealed class CrashTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_event_loop_of_the_hub_dies_and_is_replaced_while_the_other_carries_on(int index)
    {
        var token = Timeouts.Token();
        await using var pair = await EmbeddedPair.StartAsync(token, loops: 2);
        await pair.WaitUntilServingAsync(token);
        await using var clients = new Clients(pair.Port);
        await clients.OpenUntilAsync(() => pair.Hub.Loops.All(loop => loop.Counters.ActiveConnections > 0), token);
        var lost = pair.Hub.Loops[index].Counters.ActiveConnections;
        var before = pair.Hub.Loops[1 - index];

        Kill(pair.Hub.Loops[index].Loop);

        var crash = await pair.NextOfHubAsync<CrashRecoveredEventArgs>(token);
        Assert.Equal(($"event loop {index}", "InvalidDataException: a defect", 1), (crash.Loop, crash.Error, crash.Crashes));
        Assert.Same(before, pair.Hub.Loops[1 - index]);

        // the edge may be the last to notice: until then it takes the tunnel that is gone for one that is up
        await Poll.UntilAsync("the edge knows", async _ => (await pair.Edge.GetStatusAsync()).Tunnels[0].Ended.Count > 0, token);
        await pair.WaitUntilServingAsync(token);
        await ServesAgainAsync(pair, clients, lost, token);
        Assert.Equal(lost, pair.Hub.GetStatus().StreamsEnded["internal_error"]);
        Assert.Equal(1, pair.Hub.GetStatus().TunnelsEnded["internal_error"]);
        Assert.DoesNotContain(pair.RestOfHub(), happening => happening is CrashRecoveredEventArgs);
        Assert.DoesNotContain(pair.RestOfEdge(), happening => happening is TunnelDisconnectedEventArgs);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_event_loop_of_the_edge_dies_and_is_replaced_while_the_other_carries_on(int index)
    {
        var token = Timeouts.Token();
        await using var pair = await EmbeddedPair.StartAsync(token, loops: 2);
        await pair.WaitUntilServingAsync(token);
        await using var clients = new Clients(pair.Port);
        await clients.OpenUntilAsync(() => pair.Edge.Loops.All(loop => loop.Counters.Active > 0), token);
        var lost = pair.Edge.Loops[index].Counters.Active;
        var sockets = pair.Edge.EventLoops[index].Registered - lost;

        Kill(pair.Edge.EventLoops[index]);

        var crash = await pair.NextOfEdgeAsync<CrashRecoveredEventArgs>(token);
        Assert.Equal(($"event loop {index}", "InvalidDataException: a defect", 1), (crash.Loop, crash.Error, crash.Crashes));
        await pair.WaitUntilServingAsync(token);
        await Poll.UntilAsync("it listens and has its tunnel again", () => pair.Edge.EventLoops[index].Registered == sockets, token);
        await ServesAgainAsync(pair, clients, lost, token);
        var status = await pair.Edge.GetStatusAsync();
        Assert.Equal(lost, status.Connections.Ended["internal_error"]);
        Assert.Equal(1, status.Tunnels[0].Ended["internal_error"]);
        Assert.DoesNotContain(pair.RestOfEdge(), happening => happening is CrashRecoveredEventArgs or TunnelDisconnectedEventArgs or PortsUpdatedEventArgs);
    }

    [Fact]
    public async Task The_only_loop_of_each_dies_and_everything_comes_back_at_the_same_ports()
    {
        var token = Timeouts.Token();
        await using var pair = await EmbeddedPair.StartAsync(token);
        await pair.WaitUntilServingAsync(token);
        var tunnelPort = pair.Hub.TunnelPort;
        var descriptors = CountDescriptors();
        await using var clients = new Clients(pair.Port);
        await clients.OpenUntilAsync(() => pair.Hub.Loops[0].Counters.ActiveConnections > 0, token);

        Kill(pair.Hub.Loops[0].Loop);
        await pair.NextOfHubAsync<CrashRecoveredEventArgs>(token);
        await pair.NextOfEdgeAsync<TunnelDisconnectedEventArgs>(token);
        await pair.NextOfEdgeAsync<TunnelConnectedEventArgs>(token);
        Kill(pair.Edge.EventLoops[0]);
        await pair.NextOfEdgeAsync<CrashRecoveredEventArgs>(token);
        await pair.NextOfEdgeAsync<TunnelConnectedEventArgs>(token);

        await pair.WaitUntilServingAsync(token);
        await ServesAgainAsync(pair, clients, lost: 1, token);
        Assert.Equal(tunnelPort, pair.Hub.TunnelPort);
        await Poll.UntilAsync("no descriptor of a dead loop is left", () => CountDescriptors() <= descriptors, token);
    }

    [Fact]
    public async Task Udp_sessions_of_dead_loops_are_given_back_and_come_again_with_the_next_datagram()
    {
        var token = Timeouts.Token();
        await using var target = new UdpTarget();
        await using var pair = await EmbeddedPair.StartAsync(token, datagramLoops: 1);
        var port = Ports.Free();
        var allowed = pair.Allowed(pair.Port);
        var options = allowed.PortOptions!.Add($"{port}/udp", new PortOptions { Target = target.EndPoint.ToString() });
        await pair.Hub.UpdateAllowedEdgesAsync([allowed with { ListenPortsUdp = [port], PortOptions = options }], token);
        await Poll.UntilAsync("the port is open", async _ => (await pair.Edge.GetStatusAsync()).ListenPortsUdp.Contains(port), token);
        using var client = new UdpTestClient(port);
        await client.EchoAsync("before"u8.ToArray(), token);

        Kill(pair.Hub.Loops[^1].Loop);
        await pair.NextOfHubAsync<CrashRecoveredEventArgs>(token);
        await client.EchoUntilAnsweredAsync("after the hub's loop died"u8.ToArray(), token);
        Kill(pair.Edge.EventLoops[^1]);
        await pair.NextOfEdgeAsync<CrashRecoveredEventArgs>(token);
        await client.EchoUntilAnsweredAsync("after the edge's loop died"u8.ToArray(), token);

        var hub = pair.Hub.GetStatus();
        var edge = await pair.Edge.GetStatusAsync();
        Assert.Equal((1, 1), (hub.Udp!.SessionsEnded["internal_error"], edge.Udp!.SessionsEnded["internal_error"]));
        await Poll.UntilAsync("one is left", () => pair.Hub.GetStatus().ConnectedEdges.Sum(connected => connected.ActiveUdpSessions) == 1, token);
        Assert.Equal(1, edge.ActiveUdpSessions);
    }

    [Fact]
    public async Task A_loop_that_dies_six_times_in_a_minute_is_the_end_of_its_hub_and_of_its_edge()
    {
        var token = Timeouts.Token();
        await using var pair = await EmbeddedPair.StartAsync(token, loops: 2);
        await pair.WaitUntilServingAsync(token);

        await Task.WhenAll(
            KillAgainAndAgainAsync(() => pair.Hub.Loops[1].Loop, () => pair.NextOfHubAsync<CrashRecoveredEventArgs>(token), token),
            KillAgainAndAgainAsync(() => pair.Edge.EventLoops[1], () => pair.NextOfEdgeAsync<CrashRecoveredEventArgs>(token), token));

        Assert.Equal(("event loop 1", 6), Of(await pair.NextOfHubAsync<CrashRecoveryFailedEventArgs>(token)));
        Assert.Equal(("event loop 1", 6), Of(await pair.NextOfEdgeAsync<CrashRecoveryFailedEventArgs>(token)));
        var hub = await Assert.ThrowsAsync<LoopDiedException>(() => pair.Hub.Faulted.WaitAsync(token));
        Assert.Equal("event loop 1 died too often, the last time of InvalidDataException: a defect", hub.Message);
        await Assert.ThrowsAsync<LoopDiedException>(() => pair.Edge.Faulted.WaitAsync(token));

        // what is left of them serves until somebody stops it
        using var client = await TestClient.ConnectAsync(pair.Port, token);
        await client.EchoAsync("by the other loops", token);
    }

    [Fact]
    public async Task A_background_task_that_dies_is_started_again()
    {
        var token = Timeouts.Token();
        using var hubLog = new BrittleLog("TunnelAuthenticated");
        using var edgeLog = new BrittleLog("TunnelUp");
        await using var pair = await EmbeddedPair.StartAsync(token, hubLog: hubLog, edgeLog: edgeLog);

        var crash = await pair.NextOfHubAsync<CrashRecoveredEventArgs>(token);
        Assert.Equal(("log", "InvalidDataException: the log is broken", 1), (crash.Loop, crash.Error, crash.Crashes));
        Assert.Equal("log", (await pair.NextOfEdgeAsync<CrashRecoveredEventArgs>(token)).Loop);
        await pair.WaitUntilServingAsync(token);
        await pair.Edge.StopAsync(token);

        await Poll.UntilAsync("both write again", () => hubLog.Wrote("TunnelEnded") && edgeLog.Wrote("TunnelClosed"), token);
    }

    private static int CountDescriptors() => ProcessDescriptors.Of(Environment.ProcessId).Count;

    private static void Kill(EventLoop loop) => loop.Post(() => throw new InvalidDataException("a defect"));

    private static async Task KillAgainAndAgainAsync(Func<EventLoop> loop, Func<Task> recovered, CancellationToken cancellation)
    {
        for (var i = 0; i < Supervisor.MaxCrashes; i++)
        {
            Kill(loop());
            await recovered();
            cancellation.ThrowIfCancellationRequested();
        }

        Kill(loop());
    }

    private static (string Loop, int Crashes) Of(CrashRecoveryFailedEventArgs failure) => (failure.Loop, failure.Crashes);

    // Those of the loop that died were reset, the others never noticed; new ones are served, and nothing is counted that is not there.
    private static async Task ServesAgainAsync(EmbeddedPair pair, Clients clients, long lost, CancellationToken cancellation)
    {
        Assert.Equal(lost, await clients.CountLostAsync(cancellation));
        await using var more = new Clients(pair.Port);

        // all loops of the edge: one that dials while a loop of the hub is away gets another one there, and the next has no tunnel
        await more.OpenUntilAsync(() => pair.Edge.Loops.All(loop => loop.Counters.Active > 0), cancellation);
        Assert.Equal(0, await more.CountLostAsync(cancellation));
        await more.DisposeAsync();
        await clients.DisposeAsync();
        await Poll.UntilAsync(
            "nothing is left of any connection",
            () => pair.Hub.Loops[0].Streams.Count == 0 && pair.Hub.Loops.Sum(loop => loop.Counters.ActiveConnections) == 0
                && pair.Hub.GetStatus().ConnectedEdges is [{ ActiveStreams: 0 }]
                && pair.Edge.Loops.Sum(loop => loop.Counters.Active) == 0 && pair.Edge.Limits!.Streams.Count == 0 && pair.Target.Active == 0,
            cancellation);
    }

    /// <summary>Connections that are held open.</summary>
    private sealed class Clients(int port) : IAsyncDisposable
    {
        private readonly List<TestClient> _clients = [];

        // Which loop gets a client is the kernel's choice.
        internal async Task OpenUntilAsync(Func<bool> isEnough, CancellationToken cancellation)
        {
            do
            {
                var client = await TestClient.ConnectAsync(port, cancellation);
                _clients.Add(client);
                await client.EchoAsync("hello", cancellation);
            }
            while (!isEnough());
        }

        internal async Task<int> CountLostAsync(CancellationToken cancellation)
        {
            var lost = 0;
            foreach (var client in _clients)
            {
                try
                {
                    await client.EchoAsync("still here", cancellation);
                }
                catch (Exception error) when (error is SocketException or EndOfStreamException)
                {
                    lost++;
                }
            }

            return lost;
        }

        public ValueTask DisposeAsync()
        {
            _clients.ForEach(static client => client.Dispose());
            _clients.Clear();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A log that fails once, at one line.</summary>
    private sealed class BrittleLog(string breaksAt) : ILoggerFactory, ILogger
    {
        private readonly HashSet<string> _written = [];
        private bool _isBroken;

        public bool Wrote(string name)
        {
            lock (_written)
            {
                return _written.Contains(name);
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_written)
            {
                if (eventId.Name == breaksAt && !_isBroken)
                {
                    _isBroken = true;
                    throw new InvalidDataException("the log is broken");
                }

                _written.Add(eventId.Name ?? "");
            }
        }

        public void Dispose()
        {
        }
    }
}
