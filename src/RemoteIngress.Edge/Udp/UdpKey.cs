using System.Buffers.Binary;
using System.Net;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Edge.Udp;

/// <summary>What makes a UDP session: the client's address and port, and the public address and port that it sends to. IPv4 is mapped.</summary>
/// <param name="Client">The client's address.</param>
/// <param name="Local">The public address: answers leave from it.</param>
/// <param name="ClientPort">The client's port.</param>
/// <param name="Port">The public port.</param>
/// <param name="Scope">Interface of a link-local client; 0 for others.</param>
internal readonly record struct UdpKey(UInt128 Client, UInt128 Local, ushort ClientPort, ushort Port, uint Scope)
{
    /// <summary>An address as the kernel gave it (<c>sockaddr</c>).</summary>
    internal static UdpKey Create(ReadOnlySpan<byte> name, UInt128 local, int port)
    {
        var clientPort = BinaryPrimitives.ReadUInt16BigEndian(name[2..]);
        return BitConverter.ToUInt16(name) == Linux.FamilyIPv4
            ? new UdpKey(PacketInfo.FromIPv4(name.Slice(4, 4)), local, clientPort, (ushort)port, 0)
            : new UdpKey(BinaryPrimitives.ReadUInt128BigEndian(name[8..]), local, clientPort, (ushort)port, BitConverter.ToUInt32(name[24..]));
    }

    /// <summary>Whose sessions are bounded together: an IPv4 address, or the IPv6 network (/64) that one client may roam in.</summary>
    internal UInt128 Owner => IsIPv4(Client) ? Client : Client >> 64;

    internal IPEndPoint ClientEndPoint() => new(Address(Client), ClientPort);

    internal IPEndPoint LocalEndPoint() => new(Address(Local), Port);

    private static bool IsIPv4(UInt128 address) => address >> 32 == 0xFFFF;

    private static IPAddress Address(UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return IsIPv4(value) ? new IPAddress(bytes[12..]) : new IPAddress(bytes);
    }
}
