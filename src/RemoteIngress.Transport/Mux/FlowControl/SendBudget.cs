using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Mux.FlowControl;

/// <summary>
/// Keeps what was sent on one tunnel and not reported as consumed within what the far end can hold. Below half of that, windows alone
/// limit; from there on a stream may have a share of what is left, so that stalled streams together take ever less and a new one
/// always finds something (a dynamic threshold; docs/adr/0006).
/// </summary>
internal sealed class SendBudget
{
    /// <summary>A stream may always have this much outstanding, in bytes, as long as anything is left.</summary>
    internal const int SmallestShare = 16 * 1024;

    /// <summary>Under shaping nothing smaller is sent, in bytes: shares that grow by a few bytes would become frames of a few bytes.</summary>
    internal const int SmallestPiece = 4 * 1024;

    private const int Shares = 512;
    private readonly ParkedStreams _parked = new();

    /// <summary>Bytes the far end announced.</summary>
    internal long Total { get; set; } = FrameLimits.DefaultBuffer;

    /// <summary>Bytes sent on all live streams and not reported as consumed.</summary>
    internal long Outstanding { get; private set; }

    /// <summary>Streams that shaping keeps from sending.</summary>
    internal int Parked => _parked.Count;

    /// <summary>At least one parked stream may go on.</summary>
    internal bool CanWake => _parked.First is { } stream && Allowance(stream) > 0;

    /// <summary>Bytes that <paramref name="stream"/> may send now; 0 or less for none.</summary>
    internal int Allowance(MuxStream stream)
    {
        var free = Total - Outstanding;
        if (Outstanding < Total / 2)
        {
            return (int)Math.Min(stream.SendCredit, free);
        }

        var shaped = Math.Min(Math.Max(SmallestShare, free / Shares) - stream.Outstanding, free);
        return shaped < SmallestPiece ? 0 : (int)Math.Min(stream.SendCredit, shaped);
    }

    internal void Spend(MuxStream stream, int count)
    {
        stream.Outstanding += count;
        Outstanding += count;
    }

    /// <summary>The far end reported consumption. The stream is no longer parked: its owner looks at it anew.</summary>
    internal void Restore(MuxStream stream, int count)
    {
        _parked.Remove(stream);
        stream.Outstanding -= count;
        Outstanding -= count;
    }

    internal void Park(MuxStream stream) => _parked.Add(stream);

    /// <summary>Takes out a parked stream that may go on; null when there is none.</summary>
    internal MuxStream? Wake()
    {
        if (!CanWake)
        {
            return null;
        }

        var stream = _parked.First!;
        _parked.Remove(stream);
        return stream;
    }
}
