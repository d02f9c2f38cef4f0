using System.Net;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Testing.Transport;

/// <summary>A listener on a loop; lives on that loop's thread.</summary>
internal sealed class LoopAcceptor : IPollable
{
    private readonly EventLoop _loop;
    private readonly ListenSocket _socket;
    private readonly Action<TcpSocket> _accepted;
    private readonly long _ticket;

    internal LoopAcceptor(EventLoop loop, Action<TcpSocket> accepted)
    {
        _loop = loop;
        _accepted = accepted;
        if (!ListenSocket.TryBind(new IPEndPoint(IPAddress.Loopback, 0), shared: false, out _socket, out var error))
        {
            throw new IOException($"bind: errno {error}");
        }

        EndPoint = _socket.LocalEndPoint();
        _ticket = loop.Register(_socket.Descriptor, this);
    }

    internal IPEndPoint EndPoint { get; }

    public void OnEvents(uint flags)
    {
        while (_socket.TryAccept(out var accepted, out _, out _))
        {
            _accepted(accepted);
        }
    }

    internal void Close()
    {
        _loop.Unregister(_ticket);
        _socket.Close();
    }
}
