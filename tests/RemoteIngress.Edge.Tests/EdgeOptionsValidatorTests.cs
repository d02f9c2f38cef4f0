using RemoteIngress.Edge.PublicIp;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Tests;

public sealed class EdgeOptionsValidatorTests
{
    [Fact]
    public void Validate_CompleteOptions_NoErrors() => Assert.Empty(EdgeOptionsValidator.Validate(Options()));

    [Fact]
    public void Validate_NothingGiven_NamesHubIdAndSecretAtOnce()
    {
        var errors = EdgeOptionsValidator.Validate(new EdgeOptions());

        Assert.Equal(["--edge-id", "--secret", "--hub"], errors.Select(error => error[..error.IndexOf(':')]));
    }

    [Fact]
    public void Validate_Quic_IsRefusedWithTheCure()
    {
        var error = Assert.Single(EdgeOptionsValidator.Validate(Options(transport: EdgeTransport.Quic)));

        Assert.StartsWith("--transport: quic is not in this version", error);
        Assert.Contains("tcpTls", error);
    }

    [Fact]
    public void Validate_BadSecret_NeverRepeatsIt()
    {
        var secret = new string('x', ConnectionToken.MaxSecretLength + 1);

        var error = Assert.Single(EdgeOptionsValidator.Validate(Options(secret: secret)));

        Assert.DoesNotContain("xxx", error);
    }

    [Fact]
    public void Validate_SameHubTwice_IsReported()
    {
        var options = new EdgeOptions { Hubs = [new("a", 1), new("a", 1)], EdgeId = "e", Secret = "s" };

        Assert.Contains("a:1 is given twice", Assert.Single(EdgeOptionsValidator.Validate(options)));
    }

    [Theory]
    [InlineData(0, "is out of range; give 1 to 64")]
    [InlineData(65, "is out of range; give 1 to 64")]
    [InlineData(1, "less than the 2 hubs that are given")]
    public void MaxHubs_TooFewOrTooMany_IsReported(int maxHubs, string error)
    {
        var options = new EdgeOptions { Hubs = [new("a", 1), new("b", 1)], MaxHubs = maxHubs, EdgeId = "e", Secret = "s" };

        Assert.Contains(error, Assert.Single(EdgeOptionsValidator.Validate(options)));
    }

    [Theory]
    [InlineData("stun.example.org", "stun.example.org:3478")]
    [InlineData("stun.example.org:19302", "stun.example.org:19302")]
    [InlineData("[2001:db8::1]", "[2001:db8::1]:3478")]
    [InlineData("192.0.2.1:1", "192.0.2.1:1")]
    public void StunServer_GoodAddress_IsRead(string text, string expected)
    {
        Assert.True(StunServer.TryParse(text, out var server));
        Assert.Equal(expected, server.ToString());
        Assert.Empty(EdgeOptionsValidator.Validate(Options(stunServer: text)));
    }

    [Theory]
    [InlineData("none", true)]
    [InlineData("OFF", true)]
    [InlineData("", true)]
    [InlineData("a b", false)]
    [InlineData("h:0", false)]
    [InlineData("stun:h:3478", false)]
    public void StunServer_OffOrWrong_IsToldApart(string text, bool isOff)
    {
        Assert.Equal(isOff, StunServer.IsOff(text));
        Assert.Equal(isOff ? [] : ["--stun-server"], EdgeOptionsValidator.Validate(Options(stunServer: text)).Select(error => error[..error.IndexOf(':')]));
    }

    [Theory]
    [InlineData("http://127.0.0.1:9081", "127.0.0.1:9081")]
    [InlineData("http://localhost:0", "127.0.0.1:0")]
    [InlineData("http://[::1]:80/", "[::1]:80")]
    public void StatusAddress_GoodUrl_IsRead(string url, string expected)
    {
        Assert.True(StatusAddress.TryParse(url, out var endPoint));
        Assert.Equal(expected, endPoint.ToString());
    }

    [Theory]
    [InlineData("https://127.0.0.1:1")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:65536")]
    [InlineData("http://example.org:80")]
    [InlineData("http://::1:80")]
    [InlineData("http://127.0.0.1:80/path")]
    public void Validate_BadStatusUrl_IsReported(string url) =>
        Assert.StartsWith("--status-url", Assert.Single(EdgeOptionsValidator.Validate(Options(statusUrl: url))));

    private static EdgeOptions Options(
        string secret = "s3cret", EdgeTransport transport = EdgeTransport.TcpTls, string statusUrl = "none", string stunServer = "none") => new()
        {
            Hubs = [new HubAddress("hub.example.org", 8443)],
            EdgeId = "edge-1",
            Secret = secret,
            Transport = transport,
            StatusUrl = statusUrl,
            StunServer = stunServer,
        };
}
