using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>
/// What all sockets of one loop keep of what tunnels delivered, whether their streams live or have ended. Resets those that keep it
/// too long: under pressure the ones that take nothing, and without it the ones whose stream has ended and whom nobody else watches.
/// </summary>
internal sealed class LoopHoldings(BufferLimits limits, int loops)
{
    // A sweep this much later than the last one, in microseconds, means that we were not running.
    private const long Gap = 3_000_000;

    private readonly LinkedList<MuxStream> _holders = new();
    private readonly List<MuxStream> _stalled = [];
    private readonly long _stalledAfter = (long)limits.StalledAfter.TotalMicroseconds;
    private readonly long _lastBytesTimeout = (long)limits.LastBytesTimeout.TotalMicroseconds;
    private Pressure _pressure = new(limits.LoopBytes(loops));
    private long _sweptAt;

    internal static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    /// <summary>Bytes held; may be read by any thread.</summary>
    internal long Held => _pressure.Held;

    /// <summary>Bytes this loop may hold.</summary>
    internal long Bound => _pressure.Bound;

    internal bool IsEmpty => _holders.Count == 0;

    /// <summary>Something is held again: <see cref="Sweep"/> once a <see cref="SweepInterval"/> until <see cref="IsEmpty"/>.</summary>
    internal Action? WantsSweep { get; set; }

    internal bool TryAdd(MuxStream stream, int count)
    {
        if (!_pressure.HasRoomFor(count))
        {
            return false;
        }

        _pressure.Add(count);
        if (stream.Held == 0)
        {
            stream.WatchAnew();
            _holders.AddLast(stream.HolderNode);
            if (_holders.Count == 1)
            {
                WantsSweep?.Invoke();
            }
        }

        return true;
    }

    internal void Remove(MuxStream stream, int count)
    {
        _pressure.Add(-count);
        if (stream.Held == count)
        {
            _holders.Remove(stream.HolderNode);
        }
    }

    /// <summary>Looks at everything that is held; <paramref name="now"/> in microseconds.</summary>
    internal void Sweep(long now)
    {
        // Time that this process itself lost is not held against anybody.
        var wasAway = now - _sweptAt > Gap;
        _sweptAt = now;
        foreach (var stream in _holders)
        {
            if (wasAway)
            {
                stream.WatchAnew();
            }

            if (stream.StillFor(now) >= Math.Min(_stalledAfter, _lastBytesTimeout))
            {
                _stalled.Add(stream);
            }
        }

        // Largest first: the fewest have to go.
        _stalled.Sort(static (a, b) => b.Held.CompareTo(a.Held));
        foreach (var stream in _stalled)
        {
            // One that is told may end others.
            if (stream.Held > 0 && MustGo(stream, stream.StillFor(now)))
            {
                stream.GiveUp(StreamEndReason.Stalled);
            }
        }

        _stalled.Clear();
    }

    private bool MustGo(MuxStream stream, long still) =>
        (stream.IsEnded && still >= _lastBytesTimeout)
        || (still >= _stalledAfter && (_pressure.IsHigh() || stream.IsTunnelUnderPressure));
}
