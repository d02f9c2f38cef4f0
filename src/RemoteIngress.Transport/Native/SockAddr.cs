using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Transport.Native;

/// <summary><c>struct sockaddr_in</c> and <c>sockaddr_in6</c> as bytes.</summary>
internal static class SockAddr
{
    internal const int MaxLength = 28;
    private const int IPv4Length = 16;

    internal static int Write(Span<byte> destination, IPEndPoint endPoint)
    {
        destination[..MaxLength].Clear();
        var isV4 = endPoint.AddressFamily == AddressFamily.InterNetwork;
        BitConverter.TryWriteBytes(destination, (ushort)(isV4 ? Linux.FamilyIPv4 : Linux.FamilyIPv6));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)endPoint.Port);
        endPoint.Address.TryWriteBytes(destination[(isV4 ? 4 : 8)..], out _);
        if (isV4)
        {
            return IPv4Length;
        }

        BitConverter.TryWriteBytes(destination[24..], (uint)endPoint.Address.ScopeId);
        return MaxLength;
    }

    /// <summary>How many bytes of what <see cref="Write"/> made, or the kernel, count.</summary>
    internal static int Length(ReadOnlySpan<byte> source) => BitConverter.ToUInt16(source) == Linux.FamilyIPv4 ? IPv4Length : MaxLength;

    /// <summary>Reads an address as the kernel gave it; an IPv4 client of a dual-stack socket becomes plain IPv4.</summary>
    internal static IPEndPoint Read(ReadOnlySpan<byte> source)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
        if (BitConverter.ToUInt16(source) == Linux.FamilyIPv4)
        {
            return new IPEndPoint(new IPAddress(source.Slice(4, 4)), port);
        }

        var address = new IPAddress(source.Slice(8, 16), BitConverter.ToUInt32(source[24..]));
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }
}
