using System.Buffers.Binary;
using System.Numerics;

namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>CRC-32C (Castagnoli; RFC 4960 appendix B), with the processor's instruction where there is one.</summary>
public static class Crc32C
{
    /// <summary>State before the first byte, for <see cref="Append"/>.</summary>
    public const uint Seed = uint.MaxValue;

    /// <summary>The checksum of <paramref name="data"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Finish(Append(Seed, data));

    /// <summary>Takes in more bytes.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> data)
    {
        while (data.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var value in data)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return state;
    }

    /// <summary>The checksum of everything that was appended.</summary>
    public static uint Finish(uint state) => ~state;
}
