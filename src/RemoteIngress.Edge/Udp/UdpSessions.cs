using RemoteIngress.Edge.Limits;
using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux.Datagrams;

namespace RemoteIngress.Edge.Udp;

/// <summary>
/// The UDP sessions of one loop. The kernel gives all datagrams of a client's port to the same loop, so nothing is shared: each loop has an
/// equal share of the bounds. Where a bound is met the session that was idle the longest makes room.
/// </summary>
internal sealed class UdpSessions
{
    private readonly Dictionary<UdpKey, UdpSession> _sessions = [];
    private readonly Dictionary<UInt128, LinkedList<UdpSession>> _clients = [];
    private readonly LinkedList<UdpSession> _byAge = new();
    private readonly IUdpOwner _owner;
    private readonly LoopTimer _expiry;
    private readonly long _idle;
    private readonly int _max;
    private readonly int _maxPerClient;

    internal UdpSessions(IUdpOwner owner, TimeSpan idle, int max, int maxPerClient)
    {
        _owner = owner;
        _idle = (long)idle.TotalMicroseconds;
        _max = max;
        _maxPerClient = maxPerClient;
        _expiry = new LoopTimer(Expire);
    }

    internal int Count => _sessions.Count;

    /// <summary>Set while draining: those that there are go on.</summary>
    internal bool RefusesNew { get; set; }

    /// <summary>When the last datagram of any session passed; of the loop's clock.</summary>
    internal long LastActive => _byAge.Last?.Value.LastActive ?? long.MinValue / 2;

    private DatagramCounts Counts => _owner.Loop.Datagrams.Counts;

    /// <summary>A client sent a datagram (borrowed).</summary>
    internal void OnDatagram(UdpListener listener, in UdpKey key, ReadOnlySpan<byte> name, ReadOnlySpan<byte> payload)
    {
        if (!_sessions.TryGetValue(key, out var session))
        {
            if (RefusesNew)
            {
                Counts.OnDropped(DatagramDrop.Refused);
                return;
            }

            session = Add(listener, key, name);
        }

        Touch(session);
        if (!session.Send(payload))
        {
            Counts.OnDropped(DatagramDrop.NoTunnel);
        }
    }

    internal HubTunnel? Choose() => _owner.Choose();

    /// <summary>A datagram passed: its session is the youngest now.</summary>
    internal void Touch(UdpSession session)
    {
        session.LastActive = _owner.Loop.Now;
        MoveToEnd(_byAge, session.AgeNode);
        MoveToEnd(session.Siblings, session.SiblingNode);
    }

    /// <summary>A session that had a tunnel was opened at another.</summary>
    internal void OnMoved() => Counts.OnMoved();

    /// <summary>Forgets a session and tells its hub.</summary>
    internal void Remove(UdpSession session, StreamEndReason reason)
    {
        if (session.IsEnded)
        {
            return;
        }

        _sessions.Remove(session.Key);
        _byAge.Remove(session.AgeNode);
        session.Siblings.Remove(session.SiblingNode);
        if (session.Siblings.Count == 0)
        {
            _clients.Remove(session.Key.Owner);
        }

        Counts.OnEnded(reason);
        session.End();
        Arm();
        _owner.OnSessionEnded();
    }

    /// <summary>A public port is no more, or all of them: its sessions end.</summary>
    internal void RemoveOf(UdpListener? listener, StreamEndReason reason)
    {
        foreach (var session in _byAge.Where(session => listener is null || session.Listener == listener).ToArray())
        {
            Remove(session, reason);
        }
    }

    private UdpSession Add(UdpListener listener, in UdpKey key, ReadOnlySpan<byte> name)
    {
        if (_sessions.Count >= _max)
        {
            Evict(_byAge.First!.Value, EdgeLimit.UdpSessions);
        }

        if (_clients.TryGetValue(key.Owner, out var siblings) && siblings.Count >= _maxPerClient)
        {
            Evict(siblings.First!.Value, EdgeLimit.UdpSessionsPerClient);
        }

        if (!_clients.TryGetValue(key.Owner, out siblings))
        {
            _clients.Add(key.Owner, siblings = new LinkedList<UdpSession>());
        }

        var session = new UdpSession(this, listener, key, name, siblings);
        _sessions.Add(key, session);
        _byAge.AddLast(session.AgeNode);
        siblings.AddLast(session.SiblingNode);
        Counts.OnOpened();
        if (_sessions.Count == 1)
        {
            _owner.Loop.Arm(_expiry, _owner.Loop.Now + _idle);
        }

        return session;
    }

    private void Evict(UdpSession session, EdgeLimit limit)
    {
        _owner.MeetLimit(limit);
        Remove(session, StreamEndReason.LimitReached);
    }

    private void Expire()
    {
        while (_byAge.First?.Value is { } oldest && oldest.LastActive + _idle <= _owner.Loop.Now)
        {
            Remove(oldest, StreamEndReason.IdleTimeout);
        }

        Arm(isDue: true);
    }

    // Not at every datagram: when the timer fires, it looks who is the oldest by then.
    private void Arm(bool isDue = false)
    {
        if (_byAge.First?.Value is not { } oldest)
        {
            _owner.Loop.Cancel(_expiry);
        }
        else if (isDue || !_expiry.IsArmed)
        {
            _owner.Loop.Arm(_expiry, oldest.LastActive + _idle);
        }
    }

    private static void MoveToEnd(LinkedList<UdpSession> list, LinkedListNode<UdpSession> node)
    {
        if (node != list.Last)
        {
            list.Remove(node);
            list.AddLast(node);
        }
    }
}
