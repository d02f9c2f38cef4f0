using System.Net;
using RemoteIngress.Edge.Forwarding;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Edge.Listeners;

/// <summary>One public TCP port on one loop, and its connections, so that they can be closed with it.</summary>
internal sealed class PortListener : IPortListener
{
    private readonly EventLoop _loop;
    private readonly IListenerOwner _owner;
    private readonly HashSet<ClientConnection> _connections = [];
    private Acceptor? _acceptor;

    private PortListener(EventLoop loop, IListenerOwner owner, PortSpec spec)
    {
        _loop = loop;
        _owner = owner;
        Spec = spec;
    }

    public PortSpec Spec { get; set; }

    internal static PortListener? TryOpen(EventLoop loop, IListenerOwner owner, IPAddress address, PortSpec spec, out int error)
    {
        if (!ListenSocket.TryBind(new IPEndPoint(address, spec.Port), shared: true, out var socket, out error))
        {
            return null;
        }

        var listener = new PortListener(loop, owner, spec);
        listener._acceptor = Acceptor.TryStart(loop, socket, listener.Accept, owner.OnAcceptPaused);
        error = listener._acceptor is null ? Errno.NoMemory : 0;
        return listener._acceptor is null ? null : listener;
    }

    /// <inheritdoc/>
    public void Close(StreamEndReason? reason)
    {
        _acceptor!.Close();
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
        if (!_owner.MayAccept(socket.Descriptor))
        {
            socket.CloseWithReset();
            return;
        }

        var local = socket.LocalEndPoint();
        var connection = new ClientConnection(_loop, _owner, this, remote, local, Spec.IsConfirmed);
        _connections.Add(connection);
        connection.Start(socket);
    }
}
