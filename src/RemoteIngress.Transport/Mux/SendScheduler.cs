namespace RemoteIngress.Transport.Mux;

/// <summary>
/// Which stream sends next (DESIGN section 2, send order): normal streams by deficit round robin, then sustained ones likewise; those are
/// guaranteed 1 MB/s together, so that they slow down beside normal traffic but never stop.
/// </summary>
internal sealed class SendScheduler
{
    /// <summary>Bytes a stream may send before the next one's turn: one full frame, since smaller reads cost a quarter of the upload rate.</summary>
    internal const int Quantum = 64 * 1024;

    // 1 MB/s
    private const long GuaranteedBytesPerMicrosecond = 1;
    private const long GuaranteeBurst = Quantum;

    private readonly Queue<MuxStream> _normal = new();
    private readonly Queue<MuxStream> _sustained = new();
    private long _guarantee;
    private long _guaranteedAt;

    internal bool IsEmpty => _normal.Count == 0 && _sustained.Count == 0;

    /// <summary>Queues a stream that has something to send and the credit for it.</summary>
    internal void Add(MuxStream stream)
    {
        if (!stream.IsQueued)
        {
            stream.IsQueued = true;
            QueueOf(stream).Enqueue(stream);
        }
    }

    /// <summary>The stream whose turn it is, with <see cref="MuxStream.Deficit"/> topped up; null when none waits.</summary>
    internal MuxStream? Next(long now)
    {
        RefillGuarantee(now);
        var first = _sustained.Count > 0 && _guarantee >= GuaranteeBurst ? _sustained : _normal;
        return Head(first) ?? Head(_normal) ?? Head(_sustained);
    }

    /// <summary>Tells how the turn of <paramref name="stream"/> went. <paramref name="hasMore"/>: it stays in line.</summary>
    internal void Sent(MuxStream stream, int count, bool hasMore)
    {
        stream.Deficit -= count;
        if (stream.IsSustainedTier)
        {
            _guarantee = Math.Max(0, _guarantee - count);
        }

        if (hasMore && stream.Deficit > 0)
        {
            return;
        }

        var queue = QueueOf(stream);
        if (queue.TryPeek(out var head) && head == stream)
        {
            queue.Dequeue();
        }

        stream.IsQueued = false;
        stream.Deficit = 0;
        stream.IsSustainedTier = stream.SendMeter.IsSustained;
        if (hasMore)
        {
            Add(stream);
        }
    }

    internal void Clear()
    {
        _normal.Clear();
        _sustained.Clear();
    }

    private Queue<MuxStream> QueueOf(MuxStream stream) => stream.IsSustainedTier ? _sustained : _normal;

    private static MuxStream? Head(Queue<MuxStream> queue)
    {
        while (queue.TryPeek(out var stream))
        {
            if (!stream.IsEnded)
            {
                stream.Deficit = stream.Deficit > 0 ? stream.Deficit : Quantum;
                return stream;
            }

            queue.Dequeue().IsQueued = false;
        }

        return null;
    }

    private void RefillGuarantee(long now)
    {
        _guarantee = Math.Min(GuaranteeBurst, _guarantee + ((now - _guaranteedAt) * GuaranteedBytesPerMicrosecond));
        _guaranteedAt = now;
    }
}
