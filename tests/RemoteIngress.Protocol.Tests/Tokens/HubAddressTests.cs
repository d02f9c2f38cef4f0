using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Protocol.Tests.Tokens;

public class HubAddressTests
{
    [Theory]
    [InlineData("hub.example.com:9000", "hub.example.com", 9000, "hub.example.com:9000")]
    [InlineData("hub.example.com", "hub.example.com", 8443, "hub.example.com:8443")]
    [InlineData(" 192.0.2.1:1 ", "192.0.2.1", 1, "192.0.2.1:1")]
    [InlineData("[2001:db8::1]:65535", "2001:db8::1", 65535, "[2001:db8::1]:65535")]
    [InlineData("[::1]", "::1", 8443, "[::1]:8443")]
    [InlineData("2001:db8::1", "2001:db8::1", 8443, "[2001:db8::1]:8443")]
    [InlineData("my_hub-1:80", "my_hub-1", 80, "my_hub-1:80")]
    public void TryParse_Valid_GivesHostAndPort(string text, string host, int port, string written)
    {
        Assert.True(HubAddress.TryParse(text, out var address));
        Assert.Equal(new HubAddress(host, port), address);
        Assert.Equal(written, address.ToString());
        Assert.True(HubAddress.TryParse(address.ToString(), out var again));
        Assert.Equal(address, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:+80")]
    [InlineData("ho st:80")]
    [InlineData("https://host:80")]
    [InlineData("host/path")]
    [InlineData("[host]:80")]
    [InlineData("[::1]80")]
    [InlineData("[::1")]
    [InlineData("[::1]]:80")]
    [InlineData("a:b:c")]
    [InlineData("user@host:80")]
    [InlineData("[fe80::1%\n]:80")]
    [InlineData("fe80::1%a b")]
    [InlineData("[fe80::1%39\uFFFD]:443")]
    public void TryParse_Invalid_IsFalse(string? text) => Assert.False(HubAddress.TryParse(text, out _));

    [Fact]
    public void ToString_Default_DoesNotThrow() => Assert.Equal(":0", default(HubAddress).ToString());
}
