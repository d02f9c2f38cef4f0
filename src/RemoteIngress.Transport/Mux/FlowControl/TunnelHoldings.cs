namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>The part of <see cref="LoopHoldings"/> that came through one tunnel, with a bound of its own.</summary>
internal sealed class TunnelHoldings(LoopHoldings loop, long bound)
{
    private Pressure _pressure = new(bound);

    /// <summary>Bytes held now, those of ended streams included.</summary>
    internal long Held => _pressure.Held;

    internal long Bound => bound;

    internal bool IsUnderPressure => _pressure.IsHigh();

    /// <summary>Counts bytes that <paramref name="stream"/>'s peer keeps; false when a bound would be passed.</summary>
    internal bool TryHold(MuxStream stream, int count)
    {
        if (!_pressure.HasRoomFor(count) || !loop.TryAdd(stream, count))
        {
            return false;
        }

        _pressure.Add(count);
        stream.Held += count;
        return true;
    }

    /// <summary>The peer got rid of bytes it kept. Returns how many were on record.</summary>
    internal int Take(MuxStream stream, int count)
    {
        count = Math.Min(count, stream.Held);
        stream.Taken += count;
        Remove(stream, count);
        return count;
    }

    /// <summary>The peer threw away all it kept.</summary>
    internal void Drop(MuxStream stream) => Remove(stream, stream.Held);

    private void Remove(MuxStream stream, int count)
    {
        if (count > 0)
        {
            loop.Remove(stream, count);
            _pressure.Add(-count);
            stream.Held -= count;
        }
    }
}
