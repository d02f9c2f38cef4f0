using System.Net.Security;
using RemoteIngress.Protocol.Tls;

namespace RemoteIngress.Protocol.Tests.Tls;

public class ClientHelloAlpnTests
{
    private static readonly byte[] Hello = Capture("remoteingress/2", "remoteingress/2-datagrams");

    [Theory]
    [InlineData("remoteingress/2", true)]
    [InlineData("remoteingress/2-datagrams", true)]
    [InlineData("remoteingress/2-datagram", false)]
    [InlineData("h2", false)]
    [InlineData("", false)]
    public void Offers_RealClientHello_ExactlyWhatItNames(string protocol, bool offered)
    {
        Assert.Equal(offered, Offers(Hello, protocol));
        Assert.Equal(offered, Offers([.. Hello, 20, 3, 3], protocol));
    }

    [Fact]
    public void Offers_NoAlpnAtAll_Nothing() => Assert.False(Offers(Capture(), "remoteingress/2"));

    [Fact]
    public void Offers_EveryTruncation_Nothing()
    {
        for (var length = 0; length < Hello.Length; length++)
        {
            Assert.False(Offers(Hello[..length], "remoteingress/2-datagrams"));
        }
    }

    [Fact]
    public void Offers_EveryByteChanged_NeverThrows()
    {
        for (var at = 0; at < Hello.Length; at++)
        {
            foreach (var value in new byte[] { 0, 1, 0x7F, 0xFF })
            {
                var changed = Hello.ToArray();
                changed[at] = value;
                _ = Offers(changed, "remoteingress/2-datagrams");
            }
        }
    }

    private static bool Offers(byte[] received, string protocol) =>
        ClientHelloAlpn.Offers(received, System.Text.Encoding.ASCII.GetBytes(protocol));

    private static byte[] Capture(params string[] protocols) => CapturedHello.Of(new SslClientAuthenticationOptions
    {
        TargetHost = "hub.example.org",
        ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols.Select(name => new SslApplicationProtocol(name))],
    });
}
