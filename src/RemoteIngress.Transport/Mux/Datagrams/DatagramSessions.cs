using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Mux.Datagrams;

/// <summary>The UDP sessions of one tunnel and what they have to send. Part of <see cref="Multiplexer"/>, which knows the frames.</summary>
internal sealed class DatagramSessions(FrameType sendType, DatagramCounts counts, int maxQueuedBytes)
{
    private readonly Dictionary<uint, MuxSession> _sessions = [];
    private readonly DatagramQueue _queue = new(counts, maxQueuedBytes);

    internal int Count => _sessions.Count;

    /// <summary>Bytes that wait to be sent, overhead included.</summary>
    internal int QueuedBytes => _queue.Bytes;

    internal bool HasOutput => !_queue.IsEmpty;

    internal bool Contains(uint id) => _sessions.ContainsKey(id);

    internal void Add(MuxSession session) => _sessions.Add(session.Id, session);

    internal void Send(MuxSession session, ReadOnlySpan<byte> payload)
    {
        if (session.IsClosed)
        {
            counts.OnDropped(DatagramDrop.SessionClosed);
        }
        else if (payload.Length > FrameLimits.MaxDatagram)
        {
            counts.OnDropped(DatagramDrop.TooLarge);
        }
        else
        {
            counts.OnSent();
            _queue.Add(session, payload);
        }
    }

    internal int Fill(Span<byte> batch) => _queue.Fill(batch, sendType);

    /// <summary>A datagram of the far end; dropped when its session is over, whose end it crossed.</summary>
    internal void Receive(uint id, ReadOnlySpan<byte> payload)
    {
        if (_sessions.TryGetValue(id, out var session))
        {
            counts.OnReceived();
            session.Peer.OnDatagram(session, payload);
        }
        else
        {
            counts.OnDropped(DatagramDrop.SessionClosed);
        }
    }

    /// <summary>A session was not taken: this end drains.</summary>
    internal void OnRefused() => counts.OnRefused(StreamEndReason.Shutdown);

    /// <summary>Forgets a session; false when it was forgotten already.</summary>
    internal bool Remove(MuxSession session)
    {
        if (!_sessions.Remove(session.Id))
        {
            return false;
        }

        session.MarkClosed();
        _queue.Remove(session, DatagramDrop.SessionClosed);
        return true;
    }

    /// <summary>The far end closed a session.</summary>
    internal void OnClosed(uint id)
    {
        if (_sessions.TryGetValue(id, out var session))
        {
            Remove(session);
            session.Peer.OnClosed(session, isTunnelLost: false);
        }
    }

    /// <summary>The tunnel is gone.</summary>
    internal void AbortAll()
    {
        // Peers may close others while they are told.
        foreach (var session in _sessions.Values.ToArray())
        {
            if (Remove(session))
            {
                session.Peer.OnClosed(session, isTunnelLost: true);
            }
        }
    }
}
