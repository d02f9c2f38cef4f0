using System.Buffers.Binary;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Testing.Transport;

/// <summary>Frames as bytes and back.</summary>
internal static class FrameBytes
{
    internal static byte[] Of(uint stream, FrameType type, params ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(stream, type, (uint)payload.Length).Write(frame);
        payload.CopyTo(frame.AsSpan(FrameHeader.Size));
        return frame;
    }

    internal static byte[] U32(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>Payload of a window update.</summary>
    internal static byte[] Window(uint consumed, uint window) => [.. U32(consumed), .. U32(window)];

    /// <summary>All whole frames in <paramref name="bytes"/>; throws when something is left over.</summary>
    internal static IReadOnlyList<SentFrame> Parse(ReadOnlySpan<byte> bytes)
    {
        var frames = new List<SentFrame>();
        while (bytes.Length > 0)
        {
            var header = FrameHeader.Read(bytes);
            frames.Add(new SentFrame(header.StreamId, header.Type, bytes.Slice(FrameHeader.Size, (int)header.Length).ToArray()));
            bytes = bytes[(FrameHeader.Size + (int)header.Length)..];
        }

        return frames;
    }
}
