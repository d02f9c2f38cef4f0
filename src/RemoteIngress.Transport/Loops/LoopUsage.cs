using System.Buffers;

namespace RemoteIngress.Transport.Loops;

/// <summary>
/// What the connections of one loop hold now. Written by that loop alone, without interlocked operations; anybody may read, and may see a
/// value that is a moment old. What is not a count since the start is 0 when the loop has nothing to do: what stays is a leak.
/// </summary>
internal sealed class LoopUsage
{
    private long _streams;
    private long _bufferedBytes;
    private long _rentedBytes;
    private long _closedTunnels;

    /// <summary>Streams of all tunnels.</summary>
    internal long Streams => Volatile.Read(ref _streams);

    /// <summary>Bytes that wait for a socket to take them.</summary>
    internal long BufferedBytes => Volatile.Read(ref _bufferedBytes);

    /// <summary>Bytes of pooled memory that are held, for those and for a first flight that may have to be told again.</summary>
    internal long RentedBytes => Volatile.Read(ref _rentedBytes);

    /// <summary>Tunnels whose TLS was let go of, since the start.</summary>
    internal long ClosedTunnels => Volatile.Read(ref _closedTunnels);

    internal void TunnelClosed() => _closedTunnels++;

    internal void AddStreams(int difference) => _streams += difference;

    internal void AddBuffered(int difference) => _bufferedBytes += difference;

    internal byte[] Rent(int size)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(size);
        _rentedBytes += bytes.Length;
        return bytes;
    }

    internal void Return(byte[] bytes)
    {
        _rentedBytes -= bytes.Length;
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
