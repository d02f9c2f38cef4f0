using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.ProxyProtocol;
using RemoteIngress.Transport.Mux.Datagrams;

namespace RemoteIngress.Edge.Udp;

/// <summary>
/// One client of a public UDP port. It is tied to a tunnel by its datagrams alone: the next one after the tunnel's end opens it again
/// elsewhere, and while a hub drains, what that hub still answers is passed on.
/// </summary>
internal sealed class UdpSession : IDatagramPeer
{
    private readonly UdpSessions _sessions;
    private readonly byte[] _name;
    private HubTunnel? _tunnel;
    private MuxSession? _current;
    private MuxSession? _former;
    private bool _wasOpened;

    internal UdpSession(UdpSessions sessions, UdpListener listener, in UdpKey key, ReadOnlySpan<byte> name, LinkedList<UdpSession> siblings)
    {
        _sessions = sessions;
        _name = name.ToArray();
        Listener = listener;
        Key = key;
        Siblings = siblings;
        AgeNode = new(this);
        SiblingNode = new(this);
    }

    internal UdpListener Listener { get; }

    internal UdpKey Key { get; }

    /// <summary>When the last datagram passed, either way.</summary>
    internal long LastActive { get; set; }

    /// <summary>Its place among all sessions of the loop, the longest idle first.</summary>
    internal LinkedListNode<UdpSession> AgeNode { get; }

    /// <summary>Its place among the sessions of the same client.</summary>
    internal LinkedListNode<UdpSession> SiblingNode { get; }

    internal LinkedList<UdpSession> Siblings { get; }

    internal bool IsEnded { get; private set; }

    /// <summary>Passes a datagram of the client on; false when no tunnel is up.</summary>
    internal bool Send(ReadOnlySpan<byte> payload)
    {
        if (!HasTunnel() && !Open())
        {
            return false;
        }

        _current!.Send(payload);
        return true;
    }

    /// <summary>It is over for the edge: the hub is told.</summary>
    internal void End()
    {
        IsEnded = true;
        var tunnel = _tunnel;
        (_tunnel, var current, var former) = (null, _current, _former);
        _current = _former = null;
        current?.Close();
        former?.Close();
        tunnel?.OnSessionEnded();
    }

    void IDatagramPeer.OnDatagram(MuxSession session, ReadOnlySpan<byte> payload)
    {
        _sessions.Touch(this);
        Listener.Reply(_name, Key.Local, payload);
    }

    void IDatagramPeer.OnClosed(MuxSession session, bool isTunnelLost)
    {
        if (session == _former)
        {
            _former = null;
        }
        else if (isTunnelLost)
        {
            (_current, _tunnel) = (null, null);
        }
        else
        {
            // The hub's target refused, or the hub has no place: the client's next datagram asks anew.
            _current = null;
            _sessions.Remove(this, StreamEndReason.PeerReset);
        }
    }

    // Reasons to move are that the tunnel is gone, or that its hub drains and there is another.
    private bool HasTunnel() => _current is { IsClosed: false } && (_tunnel!.IsReady || _sessions.Choose() is null);

    private bool Open()
    {
        Span<byte> header = stackalloc byte[ProxyV2.FixedSize + 36];
        var length = ProxyV2.Write(header, Key.ClientEndPoint(), Key.LocalEndPoint(), ProxyTransport.Datagram, [], crc32c: false);
        if (_sessions.Choose() is not { } tunnel || tunnel.TryOpenSession(header[..length], this) is not { } session)
        {
            return false;
        }

        if (_wasOpened)
        {
            _sessions.OnMoved();
        }

        _wasOpened = true;
        _former?.Close();
        (_former, _current, _tunnel) = (_current, session, tunnel);
        return true;
    }
}
