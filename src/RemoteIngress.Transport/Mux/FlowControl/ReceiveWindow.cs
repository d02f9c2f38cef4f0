namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>
/// Credit given to the far end for one direction of one stream. Credit goes back only for bytes the near end consumed, in portions of a
/// quarter of the window. The window doubles when the stream used a whole one within two round trips: then it, not the path, was the limit.
/// </summary>
internal sealed class ReceiveWindow(WindowPolicy policy)
{
    private int _open = WindowPolicy.InitialWindow;
    private int _consumed;
    private long _measured;
    private long _measuredSince = -1;

    /// <summary>Bytes the far end may have under way or unread in total.</summary>
    internal int Size { get; private set; } = WindowPolicy.InitialWindow;

    /// <summary>Bytes the far end may still send.</summary>
    internal int Open => _open;

    internal SustainedMeter Meter { get; } = new();

    /// <summary>Counts what arrives; false when the far end sent more than it was allowed.</summary>
    internal bool TryReceive(uint length)
    {
        if (length > (uint)_open)
        {
            return false;
        }

        _open -= (int)length;
        return true;
    }

    /// <summary>Counts what the near end consumed; returns the credit to give back now, 0 for not yet.</summary>
    internal int Consume(int length, long now, long roundTripMicroseconds)
    {
        _consumed += length;
        _measured += length;
        Meter.Add(length, now);
        if (_consumed < Size / 4)
        {
            return 0;
        }

        // A window that shrinks keeps back credit, as far as there is any to keep; one that grows gives more than was consumed.
        var target = policy.Target(Size, Meter.IsSustained, IsTheLimit(now, roundTripMicroseconds));
        var credit = Math.Max(0, _consumed + target - Size);
        var size = Size - _consumed + credit;
        policy.Resize(Size, size);
        Size = size;
        _consumed = 0;
        _open += credit;
        return credit;
    }

    private bool IsTheLimit(long now, long roundTripMicroseconds)
    {
        // The clock stands still within a turn: what is consumed at one moment has no rate yet and counts towards the next.
        var elapsed = now - _measuredSince;
        if (elapsed == 0)
        {
            return false;
        }

        var isTheLimit = _measuredSince >= 0 && (double)_measured / elapsed * (2 * roundTripMicroseconds) > Size;
        _measured = 0;
        _measuredSince = now;
        return isTheLimit;
    }
}
