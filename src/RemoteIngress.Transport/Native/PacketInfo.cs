using System.Buffers.Binary;

namespace RemoteIngress.Transport.Native;

/// <summary>
/// The ancillary data of a UDP socket (cmsg(3), ip(7), ipv6(7)): which local address a datagram came to, which one it shall leave from, and
/// how many the kernel had to drop before it.
/// </summary>
internal static class PacketInfo
{
    /// <summary>Room for everything that is asked for: a packet info of either kind and the drop count.</summary>
    internal const int ControlSize = 128;

    private const int HeaderSize = 16;
    private const int IPv4InfoSize = 12;
    private const int IPv6InfoSize = 20;

    // the bits of an IPv4 address within the mapped form ::ffff:a.b.c.d
    private static readonly UInt128 MappedPrefix = new(0, 0xFFFF_0000_0000);

    /// <summary>Reads the local address, mapped to IPv6 when it is IPv4, and the count of drops; each is left alone when it is not there.</summary>
    internal static void Read(ReadOnlySpan<byte> control, ref UInt128 local, ref uint drops)
    {
        while (control.Length >= HeaderSize)
        {
            var length = (int)BitConverter.ToInt64(control);
            if (length < HeaderSize || length > control.Length)
            {
                return;
            }

            var data = control[HeaderSize..length];
            switch (BitConverter.ToInt32(control[8..]), BitConverter.ToInt32(control[12..]))
            {
                case (Linux.LevelIPv4, Linux.IPv4PacketInfo) when data.Length >= IPv4InfoSize:
                    local = FromIPv4(data.Slice(4, 4));
                    break;
                case (Linux.LevelIPv6, Linux.IPv6PacketInfo) when data.Length >= IPv6InfoSize:
                    local = BinaryPrimitives.ReadUInt128BigEndian(data);
                    break;
                case (Linux.LevelSocket, Linux.QueueOverflow) when data.Length >= sizeof(uint):
                    drops = BitConverter.ToUInt32(data);
                    break;
            }

            control = control[Math.Min(control.Length, (length + 7) & ~7)..];
        }
    }

    /// <summary>Writes the address that a datagram shall leave from; returns the length.</summary>
    internal static int Write(Span<byte> control, UInt128 local, bool isIPv4Socket)
    {
        control[..(HeaderSize + IPv6InfoSize + 4)].Clear();
        var size = isIPv4Socket ? IPv4InfoSize : IPv6InfoSize;
        BitConverter.TryWriteBytes(control, (long)(HeaderSize + size));
        BitConverter.TryWriteBytes(control[8..], isIPv4Socket ? Linux.LevelIPv4 : Linux.LevelIPv6);
        BitConverter.TryWriteBytes(control[12..], isIPv4Socket ? Linux.IPv4PacketInfo : Linux.IPv6PacketInfo);
        var data = control[HeaderSize..];
        if (isIPv4Socket)
        {
            BinaryPrimitives.WriteUInt32BigEndian(data[4..], (uint)local);
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(data, local);
        }

        return (HeaderSize + size + 7) & ~7;
    }

    internal static UInt128 FromIPv4(ReadOnlySpan<byte> address) => MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(address);
}
