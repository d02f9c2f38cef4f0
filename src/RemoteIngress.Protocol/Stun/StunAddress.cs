using System.Buffers.Binary;
using System.Net;

namespace RemoteIngress.Protocol.Stun;

/// <summary>Values of MAPPED-ADDRESS and XOR-MAPPED-ADDRESS (RFC 8489 sections 14.1 and 14.2).</summary>
internal static class StunAddress
{
    private const int FixedSize = 4;
    private const byte IPv4 = 1;
    private const byte IPv6 = 2;
    private const int MaxAddress = 16;

    /// <summary>Reads one. <paramref name="mask"/> is empty, or the cookie and the transaction id, which the XOR form is masked with.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, ReadOnlySpan<byte> mask, out IPEndPoint? endPoint)
    {
        endPoint = null;
        if (value.Length < FixedSize || AddressSize(value[1]) is not (> 0 and var size) || value.Length != FixedSize + size)
        {
            return false;
        }

        var port = BinaryPrimitives.ReadUInt16BigEndian(value[2..]);
        Span<byte> address = stackalloc byte[MaxAddress];
        value[FixedSize..].CopyTo(address);
        if (!mask.IsEmpty)
        {
            port ^= BinaryPrimitives.ReadUInt16BigEndian(mask);
            for (var i = 0; i < size; i++)
            {
                address[i] ^= mask[i];
            }
        }

        endPoint = new IPEndPoint(new IPAddress(address[..size]), port);
        return true;
    }

    private static int AddressSize(byte family) => family switch
    {
        IPv4 => 4,
        IPv6 => 16,
        _ => 0,
    };
}
