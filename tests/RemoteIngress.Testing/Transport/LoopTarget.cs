using System.Net;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Relay;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Testing.Transport;

/// <summary>A hub's end of a stream: connects to a target.</summary>
internal sealed class LoopTarget : SocketPeer
{
    private readonly MuxStream _stream;

    internal LoopTarget(EventLoop loop, MuxStream stream, byte[] prefix)
        : base(loop)
    {
        _stream = stream;
        stream.Peer = this;
        AttachStream(stream);
        Prepend(prefix);
    }

    internal MuxStream Muxed => _stream;

    internal StreamEndReason? Released { get; private set; }

    internal void Connect(IPEndPoint target)
    {
        var socket = TcpSocket.Connect(target, out var error);
        if (error != 0)
        {
            Abort(StreamEndReason.TargetUnreachable);
            return;
        }

        Attach(socket, isConnected: false);
    }

    public override void OnOpened()
    {
    }

    protected override void OnConnecting(uint flags)
    {
        if (Socket.TakeError() != 0)
        {
            Abort(StreamEndReason.TargetRefused);
            return;
        }

        _stream.Opened();
        MarkConnected(flags);
    }

    protected override void OnReleased(StreamEndReason reason) => Released = reason;
}
