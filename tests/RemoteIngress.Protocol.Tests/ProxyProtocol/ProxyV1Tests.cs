using System.Net;
using System.Text;
using CsCheck;
using RemoteIngress.Protocol.ProxyProtocol;

namespace RemoteIngress.Protocol.Tests.ProxyProtocol;

public class ProxyV1Tests
{
    private const string LongestTcp6 =
        "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";

    public static TheoryData<string> Valid =>
    [
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n",
        "PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n",
        "PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n",
        "PROXY TCP6 :: ::1 1 2\r\n",
        "PROXY TCP6 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: 1 2\r\n",
        "PROXY TCP6 0001:0DB8::ABCD ::ffff:192.0.2.1 1 2\r\n",
        LongestTcp6,
        "PROXY UNKNOWN\r\n",
        "PROXY UNKNOWN \r\n",
        "PROXY UNKNOWN ffff::1 anything at all 1 2\r\n",
        "PROXY UNKNOWN " + new string('x', 91) + "\r\n",
    ];

    public static TheoryData<string> Invalid =>
    [
        "GET / HTTP/1.1\r\n",
        "proxy TCP4 1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY  TCP4 1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4  1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2 \r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n",
        "PROXY TCP4 1.1.1.1\r\n",
        "PROXY TCP4\r\n",
        "PROXY \r\n",
        "PROXY tcp4 1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP5 1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4 01.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4 256.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4 1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4 1.1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4 0x1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 65536\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 -1 2\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 +1 2\r\n",
        "PROXY TCP4 ::1 ::2 1 2\r\n",
        "PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP6 ::1 2.2.2.2 1 2\r\n",
        "PROXY TCP6 1::2::3 ::1 1 2\r\n",
        "PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n",
        "PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2\r\n",
        "PROXY TCP6 1::2:3:4:5:6:7:8 ::1 1 2\r\n",
        "PROXY TCP6 12345:: ::1 1 2\r\n",
        "PROXY TCP6 ::: ::1 1 2\r\n",
        "PROXY TCP6 :1:2:3:4:5:6:7 ::1 1 2\r\n",
        "PROXY TCP6 1.2.3.4:: ::1 1 2\r\n",
        "PROXY TCP6 ::1.2.3.4:1 ::1 1 2\r\n",
        "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
        "PROXY TCP6 [::1] ::1 1 2\r\n",
        "PROXY TCP6 ::g ::1 1 2\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r ",
        "PROXY TCP4 1.1.1.1\r 2.2.2.2 1 2\r\n",
        "PROXY UNKNOWN a\nb\r\n",
        "PROXY UNKNOWN a\rb\r\n",
        "PROXY UNKNOWNX\r\n",
        "PROXY UNKNOWN " + new string('x', 92) + "\r\n",
        "PROXY UNKNOWN " + new string('x', 200),
    ];

    [Theory]
    [MemberData(nameof(Valid))]
    public void TryRead_ValidLine_IsReadAtItsEndAndNoSooner(string line)
    {
        var bytes = Encoding.ASCII.GetBytes(line + "next");
        for (var length = 0; length <= bytes.Length; length++)
        {
            var expected = length < line.Length ? ProxyReadStatus.NeedMore : ProxyReadStatus.Ok;
            Assert.Equal(expected, ProxyV1.TryRead(bytes.AsSpan(0, length), out var header, out var consumed));
            Assert.Equal(expected == ProxyReadStatus.Ok, header is not null);
            Assert.Equal(expected == ProxyReadStatus.Ok ? line.Length : 0, consumed);
        }
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void TryRead_InvalidLine_IsNeverOk(string line)
    {
        var bytes = Encoding.ASCII.GetBytes(line);
        Assert.Equal(ProxyReadStatus.Invalid, ProxyV1.TryRead(bytes, out var header, out var consumed));
        Assert.Null(header);
        Assert.Equal(0, consumed);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.NotEqual(ProxyReadStatus.Ok, ProxyV1.TryRead(bytes.AsSpan(0, length), out _, out _));
        }
    }

    [Fact]
    public void TryRead_Tcp4_GivesTheAddresses()
    {
        ProxyV1.TryRead("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n"u8, out var header, out _);
        Assert.Equal((ProxyCommand.Proxy, ProxyTransport.Stream, ProxyAddressFamily.IPv4), (header!.Command, header.Transport, header.Family));
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:56324"), header.Source);
        Assert.Equal(IPEndPoint.Parse("198.51.100.2:443"), header.Destination);
    }

    [Fact]
    public void TryRead_Unknown_HasNoAddresses()
    {
        ProxyV1.TryRead("PROXY UNKNOWN 1.1.1.1 2.2.2.2 1 2\r\n"u8, out var header, out _);
        Assert.Equal(ProxyAddressFamily.Unspecified, header!.Family);
        Assert.Null(header.Source);
    }

    [Theory]
    [InlineData("192.0.2.1", "198.51.100.2", "TCP4 192.0.2.1 198.51.100.2")]
    [InlineData("::ffff:192.0.2.1", "198.51.100.2", "TCP4 192.0.2.1 198.51.100.2")]
    [InlineData("::ffff:192.0.2.1", "::ffff:198.51.100.2", "TCP4 192.0.2.1 198.51.100.2")]
    [InlineData("2001:db8::1", "198.51.100.2", "TCP6 2001:db8::1 ::ffff:c633:6402")]
    [InlineData("192.0.2.1", "2001:db8::2", "TCP6 ::ffff:c000:201 2001:db8::2")]
    [InlineData("::", "::1", "TCP6 :: ::1")]
    [InlineData("2001:db8:0:1:1:1:1:1", "1:0:0:2:0:0:0:3", "TCP6 2001:db8:0:1:1:1:1:1 1:0:0:2::3")]
    [InlineData("1:0:0:2:0:0:3:4", "1:2:3:4:5:6:0:0", "TCP6 1::2:0:0:3:4 1:2:3:4:5:6::")]
    [InlineData("fe80::1%7", "fe80::2%7", "TCP6 fe80::1 fe80::2")]
    public void Write_Addresses_GoldenLine(string source, string destination, string expected)
    {
        var buffer = new byte[ProxyV1.MaxLength];
        var length = ProxyV1.Write(buffer, new IPEndPoint(IPAddress.Parse(source), 1), new IPEndPoint(IPAddress.Parse(destination), 65535));
        Assert.Equal($"PROXY {expected} 1 65535\r\n", Encoding.ASCII.GetString(buffer, 0, length));
    }

    [Fact]
    public void Write_LongestAddresses_FitAndReadBack()
    {
        var address = new IPEndPoint(new IPAddress([.. Enumerable.Repeat((byte)0xFF, 16)]), 65535);
        var buffer = new byte[ProxyV1.MaxLength];
        Assert.Equal(104, ProxyV1.Write(buffer, address, address));
        Assert.Equal(LongestTcp6, Encoding.ASCII.GetString(buffer, 0, 104));
    }

    [Fact]
    public void WriteAndRead_AnyIPv6_AgreesWithTheFramework() =>
        Gen.Select(Gen.Frequency((1, Gen.Const((ushort)0)), (1, Gen.UShort)).Array[8], Gen.UShort).Sample((groups, port) =>
        {
            var bytes = groups.SelectMany(g => new[] { (byte)(g >> 8), (byte)g }).ToArray();
            var address = new IPAddress(bytes);
            var buffer = new byte[ProxyV1.MaxLength];
            var length = ProxyV1.Write(buffer, new IPEndPoint(address, port), new IPEndPoint(IPAddress.IPv6Loopback, port));
            Assert.Equal(ProxyReadStatus.Ok, ProxyV1.TryRead(buffer.AsSpan(0, length), out var header, out var consumed));
            Assert.Equal(length, consumed);
            Assert.Equal(new IPEndPoint(address, port), header!.Source);
            Assert.Equal(address, IPAddress.Parse(Encoding.ASCII.GetString(buffer, 0, length).Split(' ')[2]));
        });

    [Fact]
    public void TryRead_AnyBytes_NeverThrowsAndNeverConsumesTooMuch() =>
        Gen.Select(Pick("", "PROXY ", "PROXY TCP4 ", "PROXY TCP6 ::", "PROXY UNKNOWN"), Pick(" ", "1", ":", ".", "\r", "\n", "\r\n", "f", "\0").Array[0, 120])
            .Sample((start, rest) =>
            {
                var bytes = Encoding.ASCII.GetBytes(start + string.Concat(rest));
                var status = ProxyV1.TryRead(bytes, out var header, out var consumed);
                Assert.Equal(status == ProxyReadStatus.Ok, header is not null);
                Assert.InRange(consumed, 0, Math.Min(bytes.Length, ProxyV1.MaxLength));
                Assert.False(status == ProxyReadStatus.NeedMore && bytes.Length >= ProxyV1.MaxLength);
            });

    [Fact]
    public void Write_DoesNotAllocate()
    {
        Span<byte> buffer = stackalloc byte[ProxyV1.MaxLength];
        var source = IPEndPoint.Parse("[::ffff:192.0.2.1]:1");
        var destination = IPEndPoint.Parse("[2001:db8::1]:1");
        ProxyV1.Write(buffer, source, destination);
        ProxyV1.Write(buffer, source, source);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            ProxyV1.Write(buffer, source, destination);
            ProxyV1.Write(buffer, source, source);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Write_ShortBufferOrOtherFamily_Throws()
    {
        var address = new IPEndPoint(IPAddress.Loopback, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => ProxyV1.Write(new byte[106], address, address));
        Assert.Throws<ArgumentNullException>(() => ProxyV1.Write(new byte[107], null!, address));
    }

    private static Gen<string> Pick(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);
}
