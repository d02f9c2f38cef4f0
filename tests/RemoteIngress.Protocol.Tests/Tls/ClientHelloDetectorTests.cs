using System.Net.Security;
using System.Security.Authentication;
using RemoteIngress.Protocol.Tls;

namespace RemoteIngress.Protocol.Tests.Tls;

public class ClientHelloDetectorTests
{
    private static readonly byte[] Hello = Capture(SslProtocols.Tls12 | SslProtocols.Tls13);

    // no extensions at all, as old clients send it
    private static readonly byte[] Bare = Record(Message([3, 3, .. new byte[32], 0, 0, 2, 0x13, 0x01, 1, 0]));

    [Fact]
    public void Inspect_RealClientHello_IsCompleteAndSafe()
    {
        foreach (var hello in new[] { Hello, Capture(SslProtocols.Tls12), Bare })
        {
            Assert.Equal(ClientHelloState.Complete, ClientHelloDetector.Inspect(hello));
            Assert.True(ClientHelloDetector.IsSafeToRepeat(hello));
        }
    }

    [Fact]
    public void Inspect_EveryTruncation_IsPartial()
    {
        for (var length = 0; length < Hello.Length; length++)
        {
            var prefix = Hello.AsSpan(0, length);
            Assert.Equal(ClientHelloState.Partial, ClientHelloDetector.Inspect(prefix));
            Assert.Equal(length is 0 or >= 6, ClientHelloDetector.IsSafeToRepeat(prefix));
        }
    }

    [Fact]
    public void Inspect_MoreBytesAfterIt_IsBeyond()
    {
        foreach (var tail in new byte[][] { [0], [20, 3, 3, 0, 1, 1], Hello })
        {
            byte[] bytes = [.. Hello, .. tail];
            Assert.Equal(ClientHelloState.Beyond, ClientHelloDetector.Inspect(bytes));
            Assert.False(ClientHelloDetector.IsSafeToRepeat(bytes));
        }
    }

    [Fact]
    public void Inspect_HelloOverSeveralRecords_IsNotSafe()
    {
        var message = Hello.AsSpan(5);
        byte[] split = [.. Record(message[..50].ToArray()), .. Record(message[50..].ToArray())];
        for (var length = 9; length <= split.Length; length++)
        {
            Assert.Equal(ClientHelloState.NotTls, ClientHelloDetector.Inspect(split.AsSpan(0, length)));
            Assert.False(ClientHelloDetector.IsSafeToRepeat(split.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Inspect_TwoMessagesInOneRecord_IsNotTls() =>
        Assert.Equal(ClientHelloState.NotTls, ClientHelloDetector.Inspect(Record([.. Hello.AsSpan(5), .. Message([])])));

    [Theory]
    [InlineData("474554202F")] // GET /
    [InlineData("5353482D")] // SSH-
    [InlineData("1503010002")] // an alert
    [InlineData("1603050010")] // no such version
    [InlineData("1602000010")]
    [InlineData("1603014001")] // record too long
    [InlineData("1603010004")] // record without a body
    [InlineData("160301001002")] // ServerHello
    [InlineData("16030100100100000D")] // message longer than its record
    [InlineData("16030100100100000B")] // message shorter than its record
    [InlineData("16030100100101000C")]
    public void Inspect_SomethingElse_IsNotTls(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(ClientHelloState.NotTls, ClientHelloDetector.Inspect(bytes));
        Assert.False(ClientHelloDetector.IsSafeToRepeat(bytes));
    }

    [Theory]
    [InlineData(34, 33)] // session id of 33 bytes
    [InlineData(36, 3)] // odd length of cipher suites
    [InlineData(36, 200)] // cipher suites beyond the end
    [InlineData(39, 0)] // no compression method
    [InlineData(0, 2)] // SSL 2
    public void Inspect_BodyThatIsNoClientHello_IsNotTls(int at, byte value)
    {
        var bytes = Bare.ToArray();
        bytes[9 + at] = value;
        Assert.Equal(ClientHelloState.NotTls, ClientHelloDetector.Inspect(bytes));
    }

    private static byte[] Message(byte[] body) => [1, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private static byte[] Record(byte[] content) => [22, 3, 1, (byte)(content.Length >> 8), (byte)content.Length, .. content];

    private static byte[] Capture(SslProtocols protocols) => CapturedHello.Of(new SslClientAuthenticationOptions
    {
        TargetHost = "hub.example.com",
        EnabledSslProtocols = protocols,
    });
}
