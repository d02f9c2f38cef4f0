using System.Net;
using RemoteIngress.Edge.Forwarding;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Edge.Listeners;

/// <summary>One public port on one loop: accepts in bounded portions and keeps its connections, so that they can be closed with it.</summary>
internal sealed class PortListener : IPollable, ITurn
{
    // Accepts per turn: enough to empty a burst quickly, few enough not to hold up the tunnels.
    private const int AcceptsPerTurn = 64;

    private static readonly TimeSpan PauseWithoutDescriptors = TimeSpan.FromMilliseconds(100);

    private readonly EventLoop _loop;
    private readonly IListenerOwner _owner;
    private readonly ListenSocket _socket;
    private readonly long _ticket;
    private readonly LoopTimer _resume;
    private readonly HashSet<ClientConnection> _connections = [];
    private bool _isClosed;

    private PortListener(EventLoop loop, IListenerOwner owner, ListenSocket socket, PortSpec spec)
    {
        _loop = loop;
        _owner = owner;
        _socket = socket;
        Spec = spec;
        _resume = new LoopTimer(() => _loop.Queue(this));
        _ticket = loop.Register(socket.Descriptor, this);
    }

    internal PortSpec Spec { get; set; }

    internal int ConnectionCount => _connections.Count;

    bool ITurn.IsQueued { get; set; }

    internal static PortListener? TryOpen(EventLoop loop, IListenerOwner owner, IPAddress address, PortSpec spec, out int error)
    {
        if (!ListenSocket.TryBind(new IPEndPoint(address, spec.Port), shared: true, out var socket, out error))
        {
            return null;
        }

        var listener = new PortListener(loop, owner, socket, spec);
        if (listener._ticket != 0)
        {
            return listener;
        }

        error = Errno.NoMemory;
        listener.Close(reason: null);
        return null;
    }

    void IPollable.OnEvents(uint flags) => _loop.Queue(this);

    bool ITurn.Turn()
    {
        for (var i = 0; i < AcceptsPerTurn && !_isClosed; i++)
        {
            if (!_socket.TryAccept(out var socket, out var remote, out var error))
            {
                return ShouldGoOn(error);
            }

            Accept(socket, remote!);
        }

        return !_isClosed;
    }

    /// <summary>Takes no more clients. Those it has go on, unless <paramref name="reason"/> says why they end too.</summary>
    internal void Close(StreamEndReason? reason)
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _loop.Cancel(_resume);
            _loop.Unregister(_ticket);
            _socket.Close();
        }

        if (reason is { } ended)
        {
            foreach (var connection in _connections.ToArray())
            {
                connection.Abort(ended);
            }
        }
    }

    internal void Remove(ClientConnection connection) => _connections.Remove(connection);

    private void Accept(TcpSocket socket, IPEndPoint remote)
    {
        if (!_owner.MayAccept())
        {
            socket.CloseWithReset();
            return;
        }

        var local = socket.LocalEndPoint();
        var connection = new ClientConnection(_loop, _owner, this, remote, local, Spec.IsConfirmed);
        _connections.Add(connection);
        connection.Start(socket);
    }

    private bool ShouldGoOn(int error)
    {
        switch (error)
        {
            case Errno.Again:
                return false;
            case Errno.TooManyFiles or Errno.TooManyFilesInSystem or Errno.NoBuffers or Errno.NoMemory:
                // The clients stay in the kernel's queue; asking again at once would only burn the core.
                _loop.ArmIn(_resume, PauseWithoutDescriptors);
                return false;
            default:
                // The client was gone before it was accepted (ECONNABORTED and its like): the next one may be fine.
                return true;
        }
    }
}
