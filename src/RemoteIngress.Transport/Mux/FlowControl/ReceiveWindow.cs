namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>
/// What the far end may send in one direction of one stream. It is counted from the start: the far end may send up to
/// <c>consumed + window</c> of the largest report, whatever later ones say, since they cross data under way. The window doubles when the
/// stream used a whole one within two round trips: then it, not the path, was the limit.
/// </summary>
internal sealed class ReceiveWindow(WindowPolicy policy)
{
    private long _received;
    private long _reported;
    private long _granted = WindowPolicy.InitialWindow;
    private long _measured;
    private long _measuredSince = -1;

    /// <summary>The window of the last report, in bytes.</summary>
    internal int Size { get; private set; } = WindowPolicy.InitialWindow;

    /// <summary>Bytes the far end may still send.</summary>
    internal long Open => _granted - _received;

    /// <summary>Bytes consumed and not reported.</summary>
    internal int Unreported { get; private set; }

    /// <summary>Bytes received and not reported as consumed.</summary>
    internal long Outstanding => _received - _reported;

    internal SustainedMeter Meter { get; } = new();

    /// <summary>Counts what arrives; false when the far end sent more than it was allowed.</summary>
    internal bool TryReceive(uint length)
    {
        if (length > Open)
        {
            return false;
        }

        _received += length;
        return true;
    }

    /// <summary>Counts what the near end consumed.</summary>
    internal void Consume(int length) => Unreported += length;

    /// <summary>Settles the window from now on; returns the consumption to report with it.</summary>
    internal int Report(long now, long roundTripMicroseconds, bool mayGrow)
    {
        var consumed = Unreported;
        Unreported = 0;
        _reported += consumed;
        _measured += consumed;
        Meter.Add(consumed, now);
        Size = policy.Target(Size, Meter.IsSustained, IsTheLimit(now, roundTripMicroseconds) && mayGrow);
        _granted = Math.Max(_granted, _reported + Size);
        return consumed;
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
