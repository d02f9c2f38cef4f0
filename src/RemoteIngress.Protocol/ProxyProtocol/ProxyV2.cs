using System.Buffers.Binary;
using System.Net;

namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>PROXY protocol version 2, the binary header: reading (proxy-protocol.txt section 2.2).</summary>
public static partial class ProxyV2
{
    /// <summary>Bytes before the addresses: signature, command, family and length.</summary>
    public const int FixedSize = 16;

    /// <summary>Longest header in bytes that is read.</summary>
    public const int MaxReadLength = 4096;

    /// <summary>Longest header in bytes that is written: what every known receiver takes in its default settings.</summary>
    public const int MaxWriteLength = 512;

    /// <summary>Longest Unix socket path in bytes.</summary>
    public const int MaxPath = 108;

    private const int CrcSize = 4;

    private static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>
    /// Reads a header from the start of <paramref name="source"/>. A CRC32C is checked when there is one. What LOCAL and unspecified
    /// headers carry is skipped unread.
    /// </summary>
    /// <param name="source">The first bytes of a connection or datagram; bytes after the header are left alone.</param>
    /// <param name="header">The header when <see cref="ProxyReadStatus.Ok"/> is returned; it keeps no reference to <paramref name="source"/>.</param>
    /// <param name="consumed">Length of the header; 0 unless Ok.</param>
    public static ProxyReadStatus TryRead(ReadOnlySpan<byte> source, out ProxyHeader? header, out int consumed)
    {
        header = null;
        consumed = 0;
        var status = CheckStart(source, out var length);
        if (status != ProxyReadStatus.Ok)
        {
            return status;
        }

        if (source.Length < length)
        {
            return ProxyReadStatus.NeedMore;
        }

        header = Parse(source[..length]);
        consumed = header is null ? 0 : length;
        return header is null ? ProxyReadStatus.Invalid : ProxyReadStatus.Ok;
    }

    private static ProxyReadStatus CheckStart(ReadOnlySpan<byte> source, out int length)
    {
        length = 0;
        var known = Math.Min(source.Length, Signature.Length);
        if (!source[..known].SequenceEqual(Signature[..known])
            || (source.Length > 12 && source[12] is not (0x20 or 0x21))
            || (source.Length > 13 && (source[13] >> 4 > 3 || (source[13] & 0xF) > 2)))
        {
            return ProxyReadStatus.Invalid;
        }

        if (source.Length < FixedSize)
        {
            return ProxyReadStatus.NeedMore;
        }

        length = FixedSize + BinaryPrimitives.ReadUInt16BigEndian(source[14..]);
        var family = UsableFamily(source);
        return length > MaxReadLength || length < FixedSize + AddressSize(family) ? ProxyReadStatus.Invalid : ProxyReadStatus.Ok;
    }

    private static ProxyAddressFamily UsableFamily(ReadOnlySpan<byte> source) =>
        source[12] == 0x20 || (source[13] & 0xF) == 0 ? ProxyAddressFamily.Unspecified : (ProxyAddressFamily)(source[13] >> 4);

    private static int AddressSize(ProxyAddressFamily family) => family switch
    {
        ProxyAddressFamily.IPv4 => 12,
        ProxyAddressFamily.IPv6 => 36,
        ProxyAddressFamily.Unix => 2 * MaxPath,
        _ => 0,
    };

    private static ProxyHeader? Parse(ReadOnlySpan<byte> source)
    {
        var family = UsableFamily(source);
        var header = new ProxyHeader
        {
            Command = source[12] == 0x20 ? ProxyCommand.Local : ProxyCommand.Proxy,
            Transport = family == ProxyAddressFamily.Unspecified ? ProxyTransport.Unspecified : (ProxyTransport)(source[13] & 0xF),
            Family = family,
        };
        if (family == ProxyAddressFamily.Unspecified)
        {
            return header;
        }

        var addresses = source[FixedSize..];
        var tlvStart = FixedSize + AddressSize(family);
        if (!ProxyTlv.TryReadAll(source[tlvStart..].ToArray(), out var tlvs) || !AreValid(tlvs, source, tlvStart))
        {
            return null;
        }

        return family == ProxyAddressFamily.Unix
            ? header with
            {
                SourcePath = addresses[..MaxPath].TrimEnd((byte)0).ToArray(),
                DestinationPath = addresses.Slice(MaxPath, MaxPath).TrimEnd((byte)0).ToArray(),
                Tlvs = tlvs,
            }
            : header with { Source = ReadEndPoint(addresses, family, 0), Destination = ReadEndPoint(addresses, family, 1), Tlvs = tlvs };
    }

    private static IPEndPoint ReadEndPoint(ReadOnlySpan<byte> addresses, ProxyAddressFamily family, int index)
    {
        var size = family == ProxyAddressFamily.IPv4 ? ProxyAddress.IPv4Size : ProxyAddress.IPv6Size;
        var port = BinaryPrimitives.ReadUInt16BigEndian(addresses[((2 * size) + (2 * index))..]);
        return new IPEndPoint(new IPAddress(addresses.Slice(index * size, size)), port);
    }

    private static bool AreValid(IReadOnlyList<ProxyTlv> tlvs, ReadOnlySpan<byte> source, int tlvStart)
    {
        var at = tlvStart;
        foreach (var tlv in tlvs)
        {
            at += ProxyTlv.HeaderSize;
            switch (tlv.Type)
            {
                case ProxyTlvType.UniqueId when tlv.Value.Length > ProxyTlv.MaxUniqueId:
                case ProxyTlvType.Ssl when !ProxySslInfo.TryParse(tlv, out _):
                case ProxyTlvType.Crc32C when tlv.Value.Length != CrcSize || !IsCrcRight(source, at):
                    return false;
            }

            at += tlv.Value.Length;
        }

        return true;
    }

    private static bool IsCrcRight(ReadOnlySpan<byte> source, int at) =>
        BinaryPrimitives.ReadUInt32BigEndian(source[at..]) == CrcWithout(source, at);

    /// <summary>The checksum of the header with the four bytes at <paramref name="at"/> taken as zero.</summary>
    private static uint CrcWithout(ReadOnlySpan<byte> header, int at)
    {
        ReadOnlySpan<byte> zeroes = [0, 0, 0, 0];
        var state = Crc32C.Append(Crc32C.Seed, header[..at]);
        state = Crc32C.Append(state, zeroes);
        return Crc32C.Finish(Crc32C.Append(state, header[(at + CrcSize)..]));
    }
}
