using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Transport.Mux.Datagrams;

/// <summary>
/// What one loop counts of UDP. Written by that loop alone, without interlocked operations; anybody may read, and may see a value that is a
/// moment old.
/// </summary>
internal sealed class DatagramCounts
{
    private readonly long[] _drops = new long[Enum.GetValues<DatagramDrop>().Length];
    private readonly long[] _ends = new long[Enum.GetValues<StreamEndReason>().Length];
    private long _sessions;
    private long _opened;
    private long _moved;
    private long _intoTunnels;
    private long _outOfTunnels;

    /// <summary>Sessions now.</summary>
    internal long Sessions => Volatile.Read(ref _sessions);

    /// <summary>Sessions ever begun, refused ones included.</summary>
    internal long Opened => Volatile.Read(ref _opened);

    /// <summary>Times a session went to another tunnel.</summary>
    internal long Moved => Volatile.Read(ref _moved);

    /// <summary>Datagrams that left by a tunnel, or wait for it.</summary>
    internal long IntoTunnels => Volatile.Read(ref _intoTunnels);

    /// <summary>Datagrams that came by a tunnel.</summary>
    internal long OutOfTunnels => Volatile.Read(ref _outOfTunnels);

    internal long Drops(DatagramDrop reason) => Volatile.Read(ref _drops[(int)reason]);

    /// <summary>Sessions that ended for this reason.</summary>
    internal long Ends(StreamEndReason reason) => Volatile.Read(ref _ends[(int)reason]);

    internal void OnOpened()
    {
        _opened++;
        _sessions++;
    }

    internal void OnEnded(StreamEndReason reason)
    {
        _sessions--;
        _ends[(int)reason]++;
    }

    /// <summary>A session was not taken.</summary>
    internal void OnRefused(StreamEndReason reason)
    {
        _opened++;
        _ends[(int)reason]++;
    }

    /// <summary>The loop died, and all sessions with it. Once, after the end of its thread.</summary>
    internal void Abandon()
    {
        while (_sessions > 0)
        {
            OnEnded(StreamEndReason.InternalError);
        }
    }

    internal void OnMoved() => _moved++;

    internal void OnSent() => _intoTunnels++;

    internal void OnReceived() => _outOfTunnels++;

    internal void OnDropped(DatagramDrop reason, long count = 1) => _drops[(int)reason] += count;
}
