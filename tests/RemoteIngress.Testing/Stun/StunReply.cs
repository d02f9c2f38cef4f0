using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RemoteIngress.Protocol.Stun;

namespace RemoteIngress.Testing.Stun;

/// <summary>Writes STUN messages as a server does, right ones and wrong ones. Shares no code with the product, which only reads them.</summary>
public sealed class StunReply(ushort type, StunTransactionId id)
{
    private const uint Cookie = 0x2112A442;
    private readonly List<byte> _attributes = [];

    public static StunReply Success(StunTransactionId id) => new(0x0101, id);

    public static StunReply Failure(StunTransactionId id) => new(0x0111, id);

    /// <summary>What most servers say.</summary>
    public static byte[] Mapped(StunTransactionId id, IPEndPoint mapped) => Success(id).XorMapped(mapped).ToArray();

    public StunReply Attribute(ushort attribute, params ReadOnlySpan<byte> value)
    {
        _attributes.AddRange([.. U16(attribute), .. U16((ushort)value.Length), .. value]);
        _attributes.AddRange(new byte[(4 - (value.Length % 4)) % 4]);
        return this;
    }

    public StunReply PlainMapped(IPEndPoint mapped) => Attribute(0x0001, Address(mapped, new byte[18]));

    public StunReply XorMapped(IPEndPoint mapped)
    {
        byte[] mask = [.. U32(Cookie), .. Id()];
        return Attribute(0x0020, Address(mapped, [.. mask[..2], .. mask]));
    }

    public StunReply ErrorCode(int code, string reason) =>
        Attribute(0x0009, [0, 0, (byte)(code / 100), (byte)(code % 100), .. Encoding.UTF8.GetBytes(reason)]);

    public StunReply Fingerprint(uint error = 0)
    {
        // its own eight bytes count in the length that it covers
        byte[] covered = [.. Header(_attributes.Count + 8), .. _attributes];
        return Attribute(0x8028, U32(ReferenceCrc(covered) ^ 0x5354554E ^ error));
    }

    public byte[] ToArray() => [.. Header(_attributes.Count), .. _attributes];

    // the first two bytes of the mask are for the port, the others for the address
    private static byte[] Address(IPEndPoint mapped, byte[] mask)
    {
        byte[] value = [.. U16((ushort)mapped.Port), .. mapped.Address.GetAddressBytes()];
        var family = mapped.AddressFamily == AddressFamily.InterNetwork ? (byte)1 : (byte)2;
        return [0, family, .. value.Select((octet, i) => (byte)(octet ^ mask[i]))];
    }

    private static uint ReferenceCrc(byte[] data)
    {
        var state = uint.MaxValue;
        foreach (var octet in data)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var carry = ((state ^ (uint)(octet >> bit)) & 1) != 0;
                state = (state >> 1) ^ (carry ? 0xEDB88320 : 0);
            }
        }

        return ~state;
    }

    private byte[] Header(int length) => [.. U16(type), .. U16((ushort)length), .. U32(Cookie), .. Id()];

    private byte[] Id()
    {
        var bytes = new byte[StunTransactionId.Size];
        id.Write(bytes);
        return bytes;
    }

    private static byte[] U16(ushort value)
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] U32(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
