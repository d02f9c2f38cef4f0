using System.Net;
using System.Net.Sockets;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Relay;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Testing.Transport;

/// <summary>An edge and a hub on a loop each, one real tunnel over loopback between them, and a target written by the test.</summary>
internal sealed class TunnelRig : IAsyncDisposable
{
    private readonly LoopGroup _edgeLoops = new("edge", 1, TimeProvider.System);
    private readonly LoopGroup _hubLoops = new("hub", 1, TimeProvider.System);
    private readonly TcpListener _target = new(IPAddress.Loopback, 0);
    private readonly TunnelOptions _options;
    private LoopAcceptor? _hubListener;
    private LoopAcceptor? _clientListener;

    private TunnelRig(TunnelOptions options)
    {
        _options = options;
        _target.Start();
        _edgeLoops.Start();
        _hubLoops.Start();
        Edge = new TunnelSide(_edgeLoops.Loops[0], options);
        Hub = new TunnelSide(_hubLoops.Loops[0], options) { Target = (IPEndPoint)_target.LocalEndpoint };
    }

    internal TunnelSide Edge { get; }

    internal TunnelSide Hub { get; }

    internal CutWire? Wire { get; private set; }

    internal IPEndPoint HubEndPoint => _hubListener!.EndPoint;

    internal List<LoopClient> Clients { get; } = [];

    /// <summary>A rig whose hub listens; nobody has dialled.</summary>
    internal static async Task<TunnelRig> ListenAsync(TunnelOptions? options = null)
    {
        var rig = new TunnelRig(options ?? TunnelOptions.Default);
        await rig.Hub.Loop.RunAsync(() => rig._hubListener = new LoopAcceptor(
            rig.Hub.Loop,
            socket => rig.Hub.Tunnel = Tunnel.Accept(rig.Hub.Loop, socket, rig.Hub.HubSetup())));
        await rig.Edge.Loop.RunAsync(() => rig._clientListener = new LoopAcceptor(
            rig.Edge.Loop,
            socket => rig.Clients.Add(new LoopClient(rig.Edge.Loop, socket, rig.Edge.Tunnel!.Core.Mux))));
        return rig;
    }

    /// <summary>A rig with an authenticated tunnel.</summary>
    internal static async Task<TunnelRig> ConnectAsync(TunnelOptions? options = null, bool throughWire = false)
    {
        var rig = await ListenAsync(options);
        rig.Wire = throughWire ? new CutWire(rig.HubEndPoint) : null;
        await rig.DialAsync(rig.Wire?.EndPoint ?? rig.HubEndPoint);
        await Task.WhenAll(rig.Edge.Authenticated, rig.Hub.Authenticated);
        return rig;
    }

    internal Task DialAsync(IPEndPoint remote, string secret = "secret") => Edge.Loop.RunAsync(() =>
        Edge.Tunnel = Tunnel.Connect(Edge.Loop, remote, Edge.EdgeSetup(secret), out var error) ?? throw new IOException(error));

    /// <summary>A client through the tunnel and the target's end of it.</summary>
    internal async Task<(Socket Client, Socket Target)> OpenAsync()
    {
        var client = await ConnectClientAsync();
        return (client, await AcceptTargetAsync());
    }

    internal Task<Socket> AcceptTargetAsync() => _target.AcceptSocketAsync();

    /// <summary>No target listens any more.</summary>
    internal void StopTarget() => _target.Stop();

    internal async Task<Socket> ConnectClientAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(_clientListener!.EndPoint);
        return client;
    }

    /// <summary>Somebody who found the hub's port.</summary>
    internal async Task<Socket> StrangerAsync(byte[] says)
    {
        var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await stranger.ConnectAsync(HubEndPoint);
        await stranger.SendAsync(says);
        return stranger;
    }

    /// <summary>Waits until nothing but the rig's own listener is left on either loop.</summary>
    internal async Task NothingIsLeftAsync()
    {
        foreach (var loop in new[] { Edge.Loop, Hub.Loop })
        {
            await loop.UntilAsync(() => loop.HasOnly(descriptors: 1), () => LoopLeaks.Describe(loop));
        }
    }

    private Task CloseAsync(TunnelSide side, LoopAcceptor? listener) => side.Loop.RunAsync(() =>
    {
        listener?.Close();
        side.Tunnel?.Core.Close(TunnelEndReason.Shutdown, "the test is over");
        var peers = side == Hub ? side.Targets.Cast<SocketPeer>() : Clients;
        foreach (var peer in peers.ToArray())
        {
            peer.Abort(StreamEndReason.Shutdown);
        }
    });

    public async ValueTask DisposeAsync()
    {
        // first what may hold up the rest: bytes on their way through a wire that is cut
        Wire?.Dispose();
        _target.Dispose();
        await CloseAsync(Hub, _hubListener);
        await CloseAsync(Edge, _clientListener);
        foreach (var loop in new[] { Edge.Loop, Hub.Loop })
        {
            await loop.UntilAsync(() => loop.HasOnly(descriptors: 0), () => LoopLeaks.Describe(loop));
        }

        await _edgeLoops.DisposeAsync();
        await _hubLoops.DisposeAsync();
    }
}
