using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RemoteIngress.Testing.Targets;

/// <summary>Bytes that are the same in every run, never held as a whole, and different in every block, so that order matters.</summary>
public sealed class Pattern(long length)
{
    private const int BlockSize = 256 * 1024;

    private readonly byte[] _block = CreateBlock();
    private long _sent;
    private long _index;

    /// <summary>The SHA-256 of the whole, in hexadecimal.</summary>
    public static string Sha256(long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var pattern = new Pattern(length);
        while (pattern.Next() is { IsEmpty: false } block)
        {
            hash.AppendData(block.Span);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>The next block, valid until the next call; empty at the end.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_block, _index++);
        var size = (int)Math.Min(BlockSize, length - _sent);
        _sent += size;
        return _block.AsMemory(0, size);
    }

    private static byte[] CreateBlock()
    {
        var block = new byte[BlockSize];
        new Random(20261122).NextBytes(block);
        return block;
    }
}
