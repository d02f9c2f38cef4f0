namespace RemoteIngress.Protocol.Stun;

/// <summary>CRC-32 as in Ethernet and zip (ITU V.42), which FINGERPRINT is made of. Bit by bit: it is over a few dozen bytes every few minutes.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var state = uint.MaxValue;
        foreach (var value in data)
        {
            state ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                state = (state & 1) == 0 ? state >> 1 : (state >> 1) ^ Polynomial;
            }
        }

        return ~state;
    }
}
