using System.Net;
using CsCheck;
using RemoteIngress.Protocol.ProxyProtocol;

namespace RemoteIngress.Protocol.Tests.ProxyProtocol;

public class ProxyV2Tests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";
    private const string IPv4Stream = Signature + "2111000CC0000201C6336402DC0401BB";

    private static readonly IPEndPoint Source4 = IPEndPoint.Parse("192.0.2.1:56324");
    private static readonly IPEndPoint Destination4 = IPEndPoint.Parse("198.51.100.2:443");
    private static readonly IPEndPoint Source6 = IPEndPoint.Parse("[2001:db8::1]:1");
    private static readonly IPEndPoint Destination6 = IPEndPoint.Parse("[2001:db8::2]:2");

    [Fact]
    public void Write_IPv4_GoldenBytes() => Assert.Equal(IPv4Stream, Write(Source4, Destination4, ProxyTransport.Stream, [], false));

    [Fact]
    public void Write_IPv6Datagram_GoldenBytes() =>
        Assert.Equal(
            Signature + "21220024" + "20010DB8000000000000000000000001" + "20010DB8000000000000000000000002" + "00010002",
            Write(Source6, Destination6, ProxyTransport.Datagram, [], false));

    [Fact]
    public void Write_MixedFamilies_MapsIPv4() =>
        Assert.Equal(
            Signature + "21210024" + "00000000000000000000FFFFC0000201" + "20010DB8000000000000000000000002" + "DC040002",
            Write(Source4, Destination6, ProxyTransport.Stream, [], false));

    [Fact]
    public void Write_MappedAddresses_AreIPv4() =>
        Assert.Equal(IPv4Stream, Write(IPEndPoint.Parse("[::ffff:192.0.2.1]:56324"), Destination4, ProxyTransport.Stream, [], false));

    [Fact]
    public void Write_UniqueIdAndCrc_GoldenBytes()
    {
        var hex = Write(Source4, Destination4, ProxyTransport.Stream, [0xAA, 0xBB], true);
        var start = Signature + "21110018C0000201C6336402DC0401BB" + "050002AABB" + "030004";
        Assert.Equal(start, hex[..^8]);
        var crc = ReferenceCrc32C([.. Convert.FromHexString(start), 0, 0, 0, 0]);
        Assert.Equal(crc.ToString("X8", null), hex[^8..]);
    }

    [Theory]
    [InlineData(false, 0, false, 28)]
    [InlineData(false, 16, true, 54)]
    [InlineData(true, 0, false, 52)]
    [InlineData(true, 128, true, 190)]
    public void GetLength_IsWhatIsWritten(bool ipv6, int id, bool crc, int expected)
    {
        var (source, destination) = ipv6 ? (Source6, Destination6) : (Source4, Destination4);
        Assert.Equal(expected, ProxyV2.GetLength(source, destination, id, crc));
        Assert.Equal(expected, ProxyV2.Write(new byte[512], source, destination, ProxyTransport.Stream, new byte[id], crc));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => ProxyV2.Write(new byte[expected - 1], source, destination, ProxyTransport.Stream, new byte[id], crc));
    }

    [Fact]
    public void Write_LongUniqueId_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => ProxyV2.Write(new byte[512], Source4, Destination4, ProxyTransport.Stream, new byte[129], false));

    [Fact]
    public void Write_DoesNotAllocate()
    {
        Span<byte> buffer = stackalloc byte[512];
        ReadOnlySpan<byte> id = [1, 2, 3];
        ProxyV2.Write(buffer, Source4, Destination6, ProxyTransport.Stream, id, true);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            ProxyV2.Write(buffer, Source4, Destination6, ProxyTransport.Stream, id, true);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(IPv4Stream)]
    [InlineData(Signature + "20000000")] // LOCAL
    [InlineData(Signature + "20110005FFFFFFFFFF")] // LOCAL, whatever it carries
    [InlineData(Signature + "21000003040000")] // PROXY, unspecified
    [InlineData(Signature + "2110000401020304")] // IPv4 but no transport: not to be used
    [InlineData(Signature + "2111000FC0000201C6336402DC0401BB040000")] // NOOP
    public void TryRead_ValidHeader_IsReadAtItsEndAndNoSooner(string hex)
    {
        var end = hex.Length / 2;
        byte[] bytes = [.. Convert.FromHexString(hex), 1, 2, 3];
        for (var length = 0; length <= bytes.Length; length++)
        {
            var expected = length < end ? ProxyReadStatus.NeedMore : ProxyReadStatus.Ok;
            Assert.Equal(expected, ProxyV2.TryRead(bytes.AsSpan(0, length), out var header, out var consumed));
            Assert.Equal(expected == ProxyReadStatus.Ok, header is not null);
            Assert.Equal(expected == ProxyReadStatus.Ok ? end : 0, consumed);
        }
    }

    [Theory]
    [InlineData("0D0A0D0B")] // signature
    [InlineData(Signature + "11")] // version 1
    [InlineData(Signature + "22")] // command 2
    [InlineData(Signature + "2141")] // family 4
    [InlineData(Signature + "2113")] // transport 3
    [InlineData(Signature + "2111000B")] // too short for IPv4
    [InlineData(Signature + "21210023")] // too short for IPv6
    [InlineData(Signature + "213100D7")] // too short for Unix
    [InlineData(Signature + "21110FF1")] // 4097 bytes in all
    [InlineData(Signature + "2111000EC0000201C6336402DC0401BB0400")] // TLV cut in its header
    [InlineData(Signature + "2111000FC0000201C6336402DC0401BB040001")] // TLV cut in its value
    [InlineData(Signature + "21110013C0000201C6336402DC0401BB03000400000000")] // wrong CRC
    [InlineData(Signature + "21110012C0000201C6336402DC0401BB030003000000")] // CRC of 3 bytes
    [InlineData(Signature + "21110012C0000201C6336402DC0401BB200003000000")] // SSL of 3 bytes
    public void TryRead_Invalid_IsInvalid(string hex)
    {
        Assert.Equal(ProxyReadStatus.Invalid, ProxyV2.TryRead(Convert.FromHexString(hex), out var header, out var consumed));
        Assert.Null(header);
        Assert.Equal(0, consumed);
    }

    [Fact]
    public void TryRead_LongestHeader_IsRead()
    {
        byte[] bytes = [.. Convert.FromHexString(Signature + "21110FF0C0000201C6336402DC0401BB"), 4, 0x0F, 0xE1, .. new byte[0x0FE1]];
        Assert.Equal(ProxyV2.MaxReadLength, bytes.Length);
        Assert.Equal(ProxyReadStatus.Ok, ProxyV2.TryRead(bytes, out _, out _));
    }

    [Fact]
    public void TryRead_EveryChangedBitUnderACrc_IsNotAccepted()
    {
        var bytes = Convert.FromHexString(Write(Source4, Destination4, ProxyTransport.Stream, [1, 2], true));
        for (var bit = 12 * 8; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            var status = ProxyV2.TryRead(bytes, out var header, out _);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));

            // what turns it into LOCAL, unspecified or a header without checksum leaves nothing to check
            var unchecked_ = status == ProxyReadStatus.Ok
                && (header!.Family == ProxyAddressFamily.Unspecified || !header.TryGetTlv(ProxyTlvType.Crc32C, out _));
            Assert.True(status != ProxyReadStatus.Ok || unchecked_, $"bit {bit}");
        }
    }

    [Fact]
    public void TryRead_TwoChecksums_IsInvalid()
    {
        var header = Header(new ProxyTlv(ProxyTlvType.Noop, new byte[4]));
        var bytes = new byte[512];
        var length = ProxyV2.Write(bytes, header, crc32c: true);
        bytes[28] = (byte)ProxyTlvType.Crc32C;
        Assert.Equal(ProxyReadStatus.Invalid, ProxyV2.TryRead(bytes.AsSpan(0, length), out _, out _));
    }

    [Theory]
    [InlineData(128, ProxyReadStatus.Ok)]
    [InlineData(129, ProxyReadStatus.Invalid)]
    public void TryRead_UniqueId_HasALimit(int length, ProxyReadStatus expected)
    {
        var bytes = new byte[512];
        var written = ProxyV2.Write(bytes, Header(new ProxyTlv(ProxyTlvType.UniqueId, new byte[length])), crc32c: false);
        Assert.Equal(expected, ProxyV2.TryRead(bytes.AsSpan(0, written), out _, out _));
    }

    [Fact]
    public void WriteAndRead_AnyFields_RoundTrip() =>
        Gen.Select(Gen.Select(Gen.Byte[0xE0, 0xEF], Gen.Byte.Array[0, 60]).Array[0, 5], Gen.Bool, Gen.Bool).Sample((fields, ipv6, crc) =>
        {
            var header = Header([.. fields.Select(f => new ProxyTlv((ProxyTlvType)f.Item1, f.Item2))]);
            header = ipv6 ? header with { Family = ProxyAddressFamily.IPv6, Source = Source6, Destination = Destination6 } : header;
            var bytes = new byte[ProxyV2.MaxWriteLength];
            var length = ProxyV2.Write(bytes, header, crc);
            Assert.Equal(ProxyV2.GetLength(header, crc), length);
            Assert.Equal(ProxyReadStatus.Ok, ProxyV2.TryRead(bytes.AsSpan(0, length), out var read, out var consumed));
            Assert.Equal(length, consumed);
            Assert.Equal((header.Source, header.Destination, header.Family), (read!.Source, read.Destination, read.Family));
            Assert.Equal(crc, read.TryGetTlv(ProxyTlvType.Crc32C, out _));
            Assert.Equal(fields.Select(f => Convert.ToHexString(f.Item2)), read.Tlvs.Take(fields.Length).Select(t => Convert.ToHexString(t.Value.Span)));

            // a header that was read can be written on: its stale checksum is replaced
            var again = new byte[ProxyV2.MaxWriteLength];
            Assert.Equal(length, ProxyV2.Write(again, read, crc));
            Assert.Equal(bytes, again);
        });

    [Fact]
    public void WriteAndRead_Unix_RoundTrip()
    {
        var header = new ProxyHeader
        {
            Command = ProxyCommand.Proxy,
            Transport = ProxyTransport.Stream,
            Family = ProxyAddressFamily.Unix,
            SourcePath = "\0abstract"u8.ToArray(),
            DestinationPath = Enumerable.Repeat((byte)'p', 108).ToArray(),
        };
        var bytes = new byte[512];
        var length = ProxyV2.Write(bytes, header, crc32c: true);
        Assert.Equal(16 + 216 + 7, length);
        Assert.Equal(ProxyReadStatus.Ok, ProxyV2.TryRead(bytes.AsSpan(0, length), out var read, out _));
        Assert.Equal(header.SourcePath.ToArray(), read!.SourcePath.ToArray());
        Assert.Equal(header.DestinationPath.ToArray(), read.DestinationPath.ToArray());
        Assert.Throws<ArgumentException>(() => ProxyV2.Write(new byte[512], header with { SourcePath = new byte[109] }, false));
    }

    [Fact]
    public void Write_Local_GoldenBytes()
    {
        var bytes = new byte[16];
        var header = new ProxyHeader { Command = ProxyCommand.Local, Transport = ProxyTransport.Unspecified, Family = ProxyAddressFamily.Unspecified };
        Assert.Equal(16, ProxyV2.Write(bytes, header, crc32c: false));
        Assert.Equal(Signature + "20000000", Convert.ToHexString(bytes));
    }

    [Fact]
    public void Write_TooLongOrWrongFamily_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ProxyV2.Write(new byte[4096], Header(new ProxyTlv(ProxyTlvType.Noop, new byte[500])), false));
        Assert.Throws<ArgumentException>(() => ProxyV2.Write(new byte[512], Header() with { Source = Source6 }, false));
    }

    [Fact]
    public void Ssl_WriteAndParse_RoundTrip()
    {
        var info = new ProxySslInfo(
            ProxySslClient.Tls | ProxySslClient.CertificateOnConnection, 0x01020304, [new ProxyTlv(ProxyTlvType.SslVersion, "TLSv1.3"u8.ToArray())]);
        var tlv = info.ToTlv();
        Assert.Equal("0301020304210007544C5376312E33", Convert.ToHexString(tlv.Value.Span));
        Assert.True(ProxySslInfo.TryParse(tlv, out var parsed));
        Assert.Equal((info.Client, info.Verify), (parsed!.Client, parsed.Verify));
        Assert.Equal("TLSv1.3"u8.ToArray(), Assert.Single(parsed.Tlvs).Value.ToArray());
        for (var length = 0; length < tlv.Value.Length; length++)
        {
            Assert.Equal(length == 5, ProxySslInfo.TryParse(tlv with { Value = tlv.Value[..length] }, out _));
        }
    }

    private static ProxyHeader Header(params ProxyTlv[] tlvs) => new()
    {
        Command = ProxyCommand.Proxy,
        Transport = ProxyTransport.Stream,
        Family = ProxyAddressFamily.IPv4,
        Source = Source4,
        Destination = Destination4,
        Tlvs = tlvs,
    };

    private static string Write(IPEndPoint source, IPEndPoint destination, ProxyTransport transport, byte[] id, bool crc)
    {
        var bytes = new byte[ProxyV2.MaxWriteLength];
        return Convert.ToHexString(bytes, 0, ProxyV2.Write(bytes, source, destination, transport, id, crc));
    }

    /// <summary>Bit by bit, from the polynomial: shares nothing with the code under test.</summary>
    private static uint ReferenceCrc32C(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        return ~crc;
    }
}
