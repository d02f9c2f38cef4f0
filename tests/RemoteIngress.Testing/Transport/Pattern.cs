namespace RemoteIngress.Testing.Transport;

/// <summary>An endless byte sequence in which every position is told from its neighbours: loss, doubling and disorder all show.</summary>
internal static class Pattern
{
    internal static byte At(int seed, long position)
    {
        var mixed = (ulong)(position + ((long)seed << 32)) * 0x9E3779B97F4A7C15;
        return (byte)(mixed >> 56);
    }

    internal static void Fill(int seed, long position, Span<byte> destination)
    {
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = At(seed, position + i);
        }
    }

    /// <summary>Index of the first wrong byte, -1 for none.</summary>
    internal static int Mismatch(int seed, long position, ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != At(seed, position + i))
            {
                return i;
            }
        }

        return -1;
    }
}
