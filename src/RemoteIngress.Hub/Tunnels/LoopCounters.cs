using RemoteIngress.Hub.Limits;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// What one loop counts. Written by that loop alone, without interlocked operations; anybody may read, and may see a value that is a
/// moment old.
/// </summary>
internal sealed class LoopCounters
{
    private static readonly int StreamReasons = Enum.GetValues<StreamEndReason>().Length;
    private static readonly int TunnelReasons = Enum.GetValues<TunnelEndReason>().Length;
    private static readonly int Limits = Enum.GetValues<HubLimit>().Length;

    private readonly long[] _limits = new long[Limits];
    private readonly long[] _connectionEnds = new long[StreamReasons];
    private readonly long[] _tunnelEnds = new long[TunnelReasons];
    private readonly long[] _refusals = new long[TunnelReasons];
    private long _connections;
    private long _activeConnections;
    private long _tunnels;
    private long _bytesFromTargets;

    /// <summary>Connections ever begun.</summary>
    internal long Connections => Volatile.Read(ref _connections);

    /// <summary>Connections that have a socket, or are about to.</summary>
    internal long ActiveConnections => Volatile.Read(ref _activeConnections);

    /// <summary>Authenticated tunnels.</summary>
    internal long Tunnels => Volatile.Read(ref _tunnels);

    internal long BytesFromTargets => Volatile.Read(ref _bytesFromTargets);

    internal long ConnectionEnds(StreamEndReason reason) => Volatile.Read(ref _connectionEnds[(int)reason]);

    /// <summary>Authenticated tunnels that ended for this reason.</summary>
    internal long TunnelEnds(TunnelEndReason reason) => Volatile.Read(ref _tunnelEnds[(int)reason]);

    /// <summary>Connections to the tunnel port that ended before they were authenticated.</summary>
    internal long Refusals(TunnelEndReason reason) => Volatile.Read(ref _refusals[(int)reason]);

    /// <summary>How often this bound was met.</summary>
    internal long LimitHits(HubLimit limit) => Volatile.Read(ref _limits[(int)limit]);

    internal void ConnectionStarted()
    {
        _connections++;
        _activeConnections++;
    }

    internal void ConnectionEnded(StreamEndReason reason)
    {
        _activeConnections--;
        _connectionEnds[(int)reason]++;
    }

    internal void ConnectionRefused(StreamEndReason reason)
    {
        _connections++;
        _connectionEnds[(int)reason]++;
    }

    internal void TunnelStarted() => _tunnels++;

    internal void TunnelEnded(TunnelEndReason reason)
    {
        _tunnels--;
        _tunnelEnds[(int)reason]++;
    }

    internal void Refused(TunnelEndReason reason) => _refusals[(int)reason]++;

    internal void LimitMet(HubLimit limit) => _limits[(int)limit]++;

    internal void FromTarget(int count) => _bytesFromTargets += count;
}
