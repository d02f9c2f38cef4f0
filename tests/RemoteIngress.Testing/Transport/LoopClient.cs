using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Relay;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Testing.Transport;

/// <summary>An edge's end of a stream: an accepted client.</summary>
internal sealed class LoopClient : SocketPeer
{
    internal LoopClient(EventLoop loop, TcpSocket socket, Multiplexer mux)
        : base(loop)
    {
        Attach(socket, isConnected: true);
        AttachStream(mux.TryOpen("PROXY UNKNOWN\r\n"u8, this)!);
    }

    internal StreamEndReason? Released { get; private set; }

    public override void OnOpened()
    {
    }

    protected override void OnReleased(StreamEndReason reason) => Released = reason;
}
