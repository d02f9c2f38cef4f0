using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RemoteIngress.Protocol.Stun;

/// <summary>The 96 bits by which a response is known to answer a request (RFC 8489 section 5). Random: nobody off the path can guess them.</summary>
/// <param name="High">The first four bytes, big endian.</param>
/// <param name="Low">The other eight.</param>
public readonly record struct StunTransactionId(uint High, ulong Low)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 12;

    /// <summary>A fresh one.</summary>
    public static StunTransactionId Create()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return Read(bytes);
    }

    /// <summary>The first <see cref="Size"/> bytes of <paramref name="source"/>.</summary>
    public static StunTransactionId Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[sizeof(uint)..]));

    /// <summary>Writes <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[sizeof(uint)..], Low);
    }
}
