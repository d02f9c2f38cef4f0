using RemoteIngress.Edge.Limits;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Edge.Diagnostics;

/// <summary>Counts of one loop. Written by its thread alone, read by others without a lock: each number is whole, their sum may be a moment old.</summary>
internal sealed class LoopCounters
{
    private readonly long[] _ended = new long[Enum.GetValues<StreamEndReason>().Length];
    private readonly long[] _refused = new long[Enum.GetValues<StreamEndReason>().Length];
    private readonly long[] _limits = new long[Enum.GetValues<EdgeLimit>().Length];
    private long _accepted;
    private long _active;
    private long _moved;

    internal long Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections open now.</summary>
    internal long Active => Volatile.Read(ref _active);

    /// <summary>Connections that went to another tunnel before OPENED.</summary>
    internal long Moved => Volatile.Read(ref _moved);

    internal long Ended(StreamEndReason reason) => Volatile.Read(ref _ended[(int)reason]);

    internal long Refused(StreamEndReason reason) => Volatile.Read(ref _refused[(int)reason]);

    /// <summary>How often this bound was met.</summary>
    internal long LimitHits(EdgeLimit limit) => Volatile.Read(ref _limits[(int)limit]);

    internal void OnAccepted()
    {
        _accepted++;
        _active++;
    }

    internal void OnMoved() => _moved++;

    internal void OnLimitMet(EdgeLimit limit) => _limits[(int)limit]++;

    internal void OnRefused(StreamEndReason reason) => _refused[(int)reason]++;

    internal void OnEnded(StreamEndReason reason)
    {
        _active--;
        _ended[(int)reason]++;
    }
}
