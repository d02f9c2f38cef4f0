using System.Buffers.Binary;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Testing.Transport;

/// <summary>One frame as it went over the wire.</summary>
internal sealed record SentFrame(uint Stream, FrameType Type, byte[] Payload)
{
    internal uint Number => BinaryPrimitives.ReadUInt32BigEndian(Payload);

    public override string ToString() => $"{Type}({Stream},{Payload.Length})";
}
