using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux.Datagrams;

namespace RemoteIngress.Transport.Mux;

internal sealed partial class Multiplexer
{
    /// <summary>The UDP sessions of this tunnel.</summary>
    internal DatagramSessions Datagrams => _datagrams;

    /// <summary>Edge: opens a UDP session with a PROXY v2 header. Null when the tunnel is gone.</summary>
    internal MuxSession? TryOpenSession(ReadOnlySpan<byte> header, IDatagramPeer peer)
    {
        if (_isAborted)
        {
            return null;
        }

        var id = NextId();
        if (!Control(id, FrameType.UdpOpen, header))
        {
            return null;
        }

        var session = new MuxSession(this, id) { Peer = peer };
        _datagrams.Add(session);
        return session;
    }

    internal void SendDatagram(MuxSession session, ReadOnlySpan<byte> payload)
    {
        _datagrams.Send(session, payload);
        host.WantsFlush();
    }

    internal void CloseSession(MuxSession session)
    {
        if (_datagrams.Remove(session))
        {
            Control(session.Id, FrameType.UdpClose, []);
        }
    }

    private void OnSessionFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Type)
        {
            case FrameType.UdpOpen:
                OnSessionOpen(header.StreamId, payload);
                break;
            case var _ when !_datagrams.Contains(header.StreamId) && !HasEnded(header.StreamId):
                Violation($"{header.Type} for session {header.StreamId}, which was never opened");
                break;
            case FrameType.UdpClose:
                _datagrams.OnClosed(header.StreamId);
                break;
            default:
                _datagrams.Receive(header.StreamId, payload);
                break;
        }
    }

    private void OnSessionOpen(uint id, ReadOnlySpan<byte> payload)
    {
        if (!TryTakeId(id, FrameType.UdpOpen))
        {
            return;
        }

        if (RefusesStreams)
        {
            _datagrams.OnRefused();
            Control(id, FrameType.UdpClose, []);
            return;
        }

        var session = new MuxSession(this, id);
        _datagrams.Add(session);
        host.OnOpenSession(session, payload);
    }

    private static bool IsSessionFrame(FrameType type) =>
        type is FrameType.UdpOpen or FrameType.UdpData or FrameType.UdpDataBack or FrameType.UdpClose;
}
