using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Edge;
using RemoteIngress.Edge.Events;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Hub;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Targets;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.EndToEnd.Tests.Embedding;

/// <summary>A hub, an edge and an echoing target in this process, as a program that embeds them has them, with everything that they told.</summary>
internal sealed class EmbeddedPair : IAsyncDisposable
{
    private readonly Channel<object> _hubEvents = Channel.CreateUnbounded<object>();
    private readonly Channel<object> _edgeEvents = Channel.CreateUnbounded<object>();
    private readonly string _name;

    private EmbeddedPair(string name, int loops, int datagramLoops, ILoggerFactory? hubLog, ILoggerFactory? edgeLog)
    {
        _name = name;
        Loops = loops;
        Hub = new RemoteIngressHub(
            new HubOptions
            {
                HubId = $"hub-{name}",
                TunnelAddress = "127.0.0.1",
                TunnelPort = 0,
                AdminUrl = "http://127.0.0.1:0",
                Loops = loops,
                DatagramLoops = datagramLoops,
                DrainTimeout = TimeSpan.Zero,
                AllowedEdges = [Allowed(Port)],
            },
            hubLog);
        Listen(Hub);
        EdgeLog = edgeLog;
    }

    public TargetServer Target { get; } = new(Handlers.EchoAsync);

    public int Port { get; } = Ports.Free();

    public int Loops { get; }

    public RemoteIngressHub Hub { get; }

    public RemoteIngressEdge Edge { get; private set; } = null!;

    public string EdgeId => $"edge-{_name}";

    private ILoggerFactory? EdgeLog { get; }

    public static async Task<EmbeddedPair> StartAsync(
        CancellationToken cancellation, string name = "1", int loops = 1, int datagramLoops = 0, ILoggerFactory? hubLog = null, ILoggerFactory? edgeLog = null)
    {
        var pair = new EmbeddedPair(name, loops, datagramLoops, hubLog, edgeLog);
        await pair.Hub.StartAsync(cancellation);
        pair.Edge = new RemoteIngressEdge(
            new EdgeOptions
            {
                Hubs = [new HubAddress("127.0.0.1", pair.Hub.TunnelPort)],
                EdgeId = pair.EdgeId,
                Secret = "a secret of this test",
                BindAddress = IPAddress.Loopback,
                StatusUrl = "http://127.0.0.1:0",
                Transport = EdgeTransport.TcpTls,
                StunServer = "none",
                Firewall = FirewallMode.Off,
                Loops = loops,
                DatagramLoops = datagramLoops,
                DrainTimeout = TimeSpan.Zero,
            },
            pair.EdgeLog);
        pair.Listen(pair.Edge);
        await pair.Edge.StartAsync(cancellation);
        return pair;
    }

    public AllowedEdge Allowed(params int[] ports) => new()
    {
        Id = EdgeId,
        Secret = "a secret of this test",
        ListenPorts = [.. ports],
        PortOptions = ports.ToImmutableDictionary(port => $"{port}", _ => new PortOptions { Target = Target.EndPoint.ToString() }),
    };

    /// <summary>Waits until the tunnels of all loops are up and the port is open.</summary>
    public async Task WaitUntilServingAsync(CancellationToken cancellation) => await Poll.UntilAsync(
        "every loop has its tunnel and its port",
        async _ => await Edge.GetStatusAsync() is { Tunnels: [{ Connections: var connections }], ListenPorts: var ports }
            && connections == Loops && ports.Contains(Port) && Edge.Sockets >= 2 * Loops,
        cancellation);

    public Task<T> NextOfHubAsync<T>(CancellationToken cancellation) => NextAsync<T>(_hubEvents.Reader, cancellation);

    public Task<T> NextOfEdgeAsync<T>(CancellationToken cancellation) => NextAsync<T>(_edgeEvents.Reader, cancellation);

    /// <summary>What is told and was not read, by its type.</summary>
    public IReadOnlyList<object> RestOfHub() => Rest(_hubEvents.Reader);

    public IReadOnlyList<object> RestOfEdge() => Rest(_edgeEvents.Reader);

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Hub.DisposeAsync();
        await Target.DisposeAsync();
        LoopLeaks.ThrowIfAnythingIsLeft(Edge.EventLoops.Where(static loop => !loop.Ended.IsFaulted));
    }

    private static async Task<T> NextAsync<T>(ChannelReader<object> events, CancellationToken cancellation)
    {
        while (true)
        {
            if (await events.ReadAsync(cancellation) is T wanted)
            {
                return wanted;
            }
        }
    }

    private static List<object> Rest(ChannelReader<object> events)
    {
        var rest = new List<object>();
        while (events.TryRead(out var next))
        {
            rest.Add(next);
        }

        return rest;
    }

    // In front of each handler one that throws: it harms nothing.
    private void Listen(RemoteIngressHub hub)
    {
        hub.EdgeConnected += Throw;
        hub.EdgeConnected += Note<EdgeConnectedEventArgs>(_hubEvents);
        hub.EdgeDisconnected += Throw;
        hub.EdgeDisconnected += Note<EdgeDisconnectedEventArgs>(_hubEvents);
        hub.StreamOpened += Throw;
        hub.StreamOpened += Note<StreamOpenedEventArgs>(_hubEvents);
        hub.StreamClosed += Throw;
        hub.StreamClosed += Note<StreamClosedEventArgs>(_hubEvents);
        hub.CrashRecovered += Throw;
        hub.CrashRecovered += Note<CrashRecoveredEventArgs>(_hubEvents);
        hub.CrashRecoveryFailed += Throw;
        hub.CrashRecoveryFailed += Note<CrashRecoveryFailedEventArgs>(_hubEvents);
    }

    private void Listen(RemoteIngressEdge edge)
    {
        edge.TunnelConnected += Throw;
        edge.TunnelConnected += Note<TunnelConnectedEventArgs>(_edgeEvents);
        edge.TunnelDisconnected += Throw;
        edge.TunnelDisconnected += Note<TunnelDisconnectedEventArgs>(_edgeEvents);
        edge.PublicIpDiscovered += Throw;
        edge.PublicIpDiscovered += Note<PublicIpDiscoveredEventArgs>(_edgeEvents);
        edge.PortsAssigned += Throw;
        edge.PortsAssigned += Note<PortsAssignedEventArgs>(_edgeEvents);
        edge.PortsUpdated += Throw;
        edge.PortsUpdated += Note<PortsUpdatedEventArgs>(_edgeEvents);
        edge.FirewallConfigUpdated += Throw;
        edge.FirewallConfigUpdated += Note<FirewallConfigUpdatedEventArgs>(_edgeEvents);
        edge.CrashRecovered += Throw;
        edge.CrashRecovered += Note<CrashRecoveredEventArgs>(_edgeEvents);
        edge.CrashRecoveryFailed += Throw;
        edge.CrashRecoveryFailed += Note<CrashRecoveryFailedEventArgs>(_edgeEvents);
    }

    private static void Throw<T>(object? sender, T happening) => throw new InvalidOperationException("a handler's own defect");

    private static EventHandler<T> Note<T>(Channel<object> events) => (_, happening) => events.Writer.TryWrite(happening!);
}
