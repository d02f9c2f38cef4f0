using System.Buffers.Binary;

namespace RemoteIngress.Protocol.Frames;

/// <summary>The nine bytes before every payload: <c>[stream id u32][type u8][length u32]</c>, big endian.</summary>
/// <param name="StreamId">0 for control, else the stream that the edge opened under this number.</param>
/// <param name="Type">What the payload is. May hold a number that <see cref="FrameType"/> does not name.</param>
/// <param name="Length">Bytes of payload that follow. Check it against <see cref="FrameLimits"/> before waiting for them.</param>
public readonly record struct FrameHeader(uint StreamId, FrameType Type, uint Length)
{
    /// <summary>Bytes of a header on the wire.</summary>
    public const int Size = 9;

    /// <summary>Reads a header from the first <see cref="Size"/> bytes of <paramref name="source"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="source"/> is shorter than <see cref="Size"/>.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Length, Size, nameof(source));
        return new FrameHeader(
            BinaryPrimitives.ReadUInt32BigEndian(source),
            (FrameType)source[4],
            BinaryPrimitives.ReadUInt32BigEndian(source[5..]));
    }

    /// <summary>Writes the header into the first <see cref="Size"/> bytes of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than <see cref="Size"/>.</exception>
    public void Write(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, Size, nameof(destination));
        BinaryPrimitives.WriteUInt32BigEndian(destination, StreamId);
        destination[4] = (byte)Type;
        BinaryPrimitives.WriteUInt32BigEndian(destination[5..], Length);
    }
}
