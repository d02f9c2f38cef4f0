namespace RemoteIngress.Testing.Simulation;

/// <summary>
/// One direction of one connection: bytes arrive in order, late, in other pieces than they were sent in, or not at all. It holds as much
/// as a socket's buffers do and takes no more.
/// </summary>
internal sealed class SimPipe(Random random)
{
    private readonly Queue<(byte[] Bytes, long At)> _segments = [];
    private readonly int _latency = random.Next(4) switch { 0 => 0, 1 => random.Next(1000), 2 => random.Next(30_000), _ => random.Next(150_000) };
    private readonly int _jitter = random.Next(3) == 0 ? random.Next(1, 50_000) : 1;
    private readonly int _capacity = random.Next(3) == 0 ? random.Next(8_000, 60_000) : random.Next(60_000, 1_000_000);
    private int _headUsed;
    private int _waiting;
    private long _last;
    private long _stalledUntil;
    private bool _swallows;
    private bool _discards;

    /// <summary>The connection broke: nothing more goes in.</summary>
    internal bool IsCut { get; private set; }

    /// <summary>The writer said that nothing follows.</summary>
    internal bool IsFinished { get; private set; }

    /// <summary>The end of the stream is all that is left, and it has arrived.</summary>
    internal bool HasEnded(long now) =>
        (IsFinished || IsCut) && _segments.Count == 0 && now >= Math.Max(_last, _stalledUntil) && !_swallows;

    internal long Written { get; private set; }

    internal long Arrived { get; private set; }

    /// <summary>When something arrives next; <see cref="long.MaxValue"/> for nothing.</summary>
    internal long NextArrival =>
        _swallows ? long.MaxValue
        : _segments.TryPeek(out var head) ? Math.Max(head.At, _stalledUntil)
        : IsFinished || IsCut ? Math.Max(_last, _stalledUntil) : long.MaxValue;

    internal int Room => _capacity - _waiting;

    internal bool IsIdle => _waiting == 0 || _swallows;

    /// <summary>Takes what there is room for.</summary>
    internal int Write(ReadOnlySpan<byte> bytes, long now)
    {
        if (_discards)
        {
            return bytes.Length;
        }

        var taken = Math.Min(bytes.Length, Math.Max(0, Room));
        Written += taken;
        bytes = bytes[..taken];
        while (bytes.Length > 0)
        {
            var piece = Math.Min(bytes.Length, random.Next(10) switch { 0 => random.Next(1, 20), < 4 => random.Next(1, 1500), _ => random.Next(1, 40_000) });
            _last = Math.Max(_last, now + _latency + random.Next(_jitter));
            _segments.Enqueue((bytes[..piece].ToArray(), _last));
            _waiting += piece;
            bytes = bytes[piece..];
        }

        return taken;
    }

    /// <summary>Hands over what has arrived.</summary>
    internal int Read(Span<byte> buffer, long now)
    {
        var count = 0;
        while (count < buffer.Length && !_swallows && now >= _stalledUntil && _segments.TryPeek(out var head) && head.At <= now)
        {
            var piece = Math.Min(head.Bytes.Length - _headUsed, buffer.Length - count);
            head.Bytes.AsSpan(_headUsed, piece).CopyTo(buffer[count..]);
            count += piece;
            _headUsed += piece;
            if (_headUsed == head.Bytes.Length)
            {
                _segments.Dequeue();
                _headUsed = 0;
            }
        }

        _waiting -= count;
        Arrived += count;
        return count;
    }

    internal void Stall(long until) => _stalledUntil = Math.Max(_stalledUntil, until);

    internal void EndStall() => _stalledUntil = 0;

    /// <summary>The reader is gone in peace: it takes everything and looks at nothing.</summary>
    internal void Discard() => (_discards, _swallows) = (true, true);

    /// <summary>From now on nothing arrives, and nobody is told.</summary>
    internal void Swallow() => _swallows = true;

    internal void Finish(long now)
    {
        _last = Math.Max(_last, now);
        IsFinished = true;
    }

    /// <summary>The connection breaks: of what is under way a random part still arrives, cut anywhere.</summary>
    internal void Cut(long now)
    {
        IsCut = true;
        _last = Math.Max(_last, now);
        var left = random.Next(_waiting + 1);
        var kept = new List<(byte[] Bytes, long At)>();
        while (left > 0 && _segments.TryDequeue(out var segment))
        {
            var bytes = segment.Bytes.AsSpan(kept.Count == 0 ? _headUsed : 0);
            bytes = bytes[..Math.Min(left, bytes.Length)];
            left -= bytes.Length;
            kept.Add((bytes.ToArray(), segment.At));
        }

        _segments.Clear();
        _headUsed = 0;
        _waiting = 0;
        foreach (var segment in kept)
        {
            _segments.Enqueue(segment);
            _waiting += segment.Bytes.Length;
        }
    }
}
