using System.Buffers.Binary;
using System.Net;

namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>PROXY protocol version 2, the binary header: writing (proxy-protocol.txt section 2.2).</summary>
public static partial class ProxyV2
{
    private const byte LocalCommand = 0x20;
    private const byte ProxyCommandByte = 0x21;

    /// <summary>Bytes that <see cref="Write(Span{byte}, IPEndPoint, IPEndPoint, ProxyTransport, ReadOnlySpan{byte}, bool)"/> writes.</summary>
    public static int GetLength(IPEndPoint source, IPEndPoint destination, int uniqueIdLength, bool crc32c)
    {
        ProxyAddress.ThrowIfNotIP(source, nameof(source));
        ProxyAddress.ThrowIfNotIP(destination, nameof(destination));
        var family = ProxyAddress.AreIPv4(source, destination) ? ProxyAddressFamily.IPv4 : ProxyAddressFamily.IPv6;
        return FixedSize + AddressSize(family)
            + (uniqueIdLength == 0 ? 0 : ProxyTlv.HeaderSize + uniqueIdLength)
            + (crc32c ? ProxyTlv.HeaderSize + CrcSize : 0);
    }

    /// <summary>Bytes that <see cref="Write(Span{byte}, ProxyHeader, bool)"/> writes.</summary>
    public static int GetLength(ProxyHeader header, bool crc32c)
    {
        ArgumentNullException.ThrowIfNull(header);
        var tlvs = header.Tlvs.Where(t => t.Type != ProxyTlvType.Crc32C).Sum(t => ProxyTlv.HeaderSize + t.Value.Length);
        return FixedSize + AddressSize(WrittenFamily(header)) + tlvs + (crc32c ? ProxyTlv.HeaderSize + CrcSize : 0);
    }

    /// <summary>
    /// Writes a PROXY command and returns its length: 28 bytes with IPv4, 52 with IPv6, plus the fields. IPv4 when both addresses are
    /// (mapped ones included); else IPv6, an IPv4 address then being written as mapped. Does not allocate.
    /// </summary>
    /// <param name="buffer">At least <see cref="GetLength(IPEndPoint, IPEndPoint, int, bool)"/> bytes.</param>
    /// <param name="source">The client.</param>
    /// <param name="destination">What the client connected to.</param>
    /// <param name="transport">Stream or datagram.</param>
    /// <param name="uniqueId">Value of UNIQUE_ID, at most 128 bytes; left out when empty.</param>
    /// <param name="crc32c">Whether to add a checksum.</param>
    /// <exception cref="ArgumentException">The buffer is too small, the id too long, or an address is neither IPv4 nor IPv6.</exception>
    public static int Write(
        Span<byte> buffer, IPEndPoint source, IPEndPoint destination, ProxyTransport transport, ReadOnlySpan<byte> uniqueId, bool crc32c)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(uniqueId.Length, ProxyTlv.MaxUniqueId, nameof(uniqueId));
        var length = GetLength(source, destination, uniqueId.Length, crc32c);
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, length, nameof(buffer));
        var family = ProxyAddress.AreIPv4(source, destination) ? ProxyAddressFamily.IPv4 : ProxyAddressFamily.IPv6;
        WriteStart(buffer, ProxyCommandByte, family, transport, length);
        WriteEndPoints(buffer[FixedSize..], family, source, destination);
        var at = FixedSize + AddressSize(family);
        if (!uniqueId.IsEmpty)
        {
            at += ProxyTlv.Write(buffer[at..], ProxyTlvType.UniqueId, uniqueId);
        }

        WriteCrc(buffer[..length], at, crc32c);
        return length;
    }

    /// <summary>
    /// Writes any header and returns its length. A CRC32C among its fields is replaced by a fresh one at the end, or dropped when
    /// <paramref name="crc32c"/> is false.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The buffer is too small, the header longer than <see cref="MaxWriteLength"/>, or its addresses do not fit its family.
    /// </exception>
    public static int Write(Span<byte> buffer, ProxyHeader header, bool crc32c)
    {
        ArgumentNullException.ThrowIfNull(header);
        var length = GetLength(header, crc32c);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxWriteLength, nameof(header));
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, length, nameof(buffer));
        var family = WrittenFamily(header);
        var command = header.Command == ProxyCommand.Local ? LocalCommand : ProxyCommandByte;
        WriteStart(buffer, command, family, family == ProxyAddressFamily.Unspecified ? ProxyTransport.Unspecified : header.Transport, length);
        WriteAddresses(buffer[FixedSize..], family, header);
        var at = FixedSize + AddressSize(family);
        foreach (var tlv in header.Tlvs.Where(t => t.Type != ProxyTlvType.Crc32C))
        {
            at += ProxyTlv.Write(buffer[at..], tlv.Type, tlv.Value.Span);
        }

        WriteCrc(buffer[..length], at, crc32c);
        return length;
    }

    private static ProxyAddressFamily WrittenFamily(ProxyHeader header) =>
        header.Transport == ProxyTransport.Unspecified ? ProxyAddressFamily.Unspecified : header.Family;

    private static void WriteStart(Span<byte> buffer, byte command, ProxyAddressFamily family, ProxyTransport transport, int length)
    {
        Signature.CopyTo(buffer);
        buffer[12] = command;
        buffer[13] = (byte)(((int)family << 4) | (int)transport);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[14..], (ushort)(length - FixedSize));
    }

    private static void WriteAddresses(Span<byte> buffer, ProxyAddressFamily family, ProxyHeader header)
    {
        switch (family)
        {
            case ProxyAddressFamily.Unix:
                WritePath(buffer[..MaxPath], header.SourcePath.Span, nameof(header));
                WritePath(buffer.Slice(MaxPath, MaxPath), header.DestinationPath.Span, nameof(header));
                break;
            case ProxyAddressFamily.IPv4 or ProxyAddressFamily.IPv6:
                ProxyAddress.ThrowIfNotIP(header.Source!, nameof(header));
                ProxyAddress.ThrowIfNotIP(header.Destination!, nameof(header));
                if (family == ProxyAddressFamily.IPv4 && !ProxyAddress.AreIPv4(header.Source!, header.Destination!))
                {
                    throw new ArgumentException("The header says IPv4 but holds another address.", nameof(header));
                }

                WriteEndPoints(buffer, family, header.Source!, header.Destination!);
                break;
        }
    }

    private static void WriteEndPoints(Span<byte> buffer, ProxyAddressFamily family, IPEndPoint source, IPEndPoint destination)
    {
        var size = family == ProxyAddressFamily.IPv4 ? ProxyAddress.IPv4Size : ProxyAddress.IPv6Size;
        if (family == ProxyAddressFamily.IPv4)
        {
            ProxyAddress.WriteIPv4(source.Address, buffer);
            ProxyAddress.WriteIPv4(destination.Address, buffer[size..]);
        }
        else
        {
            ProxyAddress.WriteIPv6(source.Address, buffer);
            ProxyAddress.WriteIPv6(destination.Address, buffer[size..]);
        }

        BinaryPrimitives.WriteUInt16BigEndian(buffer[(2 * size)..], (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[((2 * size) + 2)..], (ushort)destination.Port);
    }

    private static void WritePath(Span<byte> buffer, ReadOnlySpan<byte> path, string name)
    {
        if (path.Length > MaxPath)
        {
            throw new ArgumentException($"A Unix socket path has at most {MaxPath} bytes.", name);
        }

        buffer.Clear();
        path.CopyTo(buffer);
    }

    private static void WriteCrc(Span<byte> header, int at, bool crc32c)
    {
        if (!crc32c)
        {
            return;
        }

        ReadOnlySpan<byte> zeroes = [0, 0, 0, 0];
        at += ProxyTlv.Write(header[at..], ProxyTlvType.Crc32C, zeroes) - CrcSize;
        BinaryPrimitives.WriteUInt32BigEndian(header[at..], Crc32C.Compute(header));
    }
}
