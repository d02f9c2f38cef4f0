using System.Net;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Tests.Firewall;

public sealed class KnownPeersTests
{
    private static readonly IPAddress NameServer = IPAddress.Parse("192.0.2.53");

    [Fact]
    public void HubsByAddress_AreKnownAtOnce_AndNeedNoNameServer()
    {
        var peers = new KnownPeers(() => [NameServer]);

        peers.Expect([new HubAddress("192.0.2.1", 8443), new HubAddress("2001:db8::1", 443)]);

        Assert.Equal([IPEndPoint.Parse("192.0.2.1:8443"), IPEndPoint.Parse("[2001:db8::1]:443")], peers.Current);
    }

    [Fact]
    public void HubsByName_NeedNameServersBeforeTheyAreKnown()
    {
        var peers = new KnownPeers(() => [NameServer]);

        peers.Expect([new HubAddress("hub.example.org", 8443)]);

        Assert.Equal([new IPEndPoint(NameServer, 53)], peers.Current);
    }

    [Fact]
    public void Names_ThatTurn_KeepTheLatestAddressesUpToABound()
    {
        var peers = new KnownPeers(() => []);
        var hub = new HubAddress("hub.example.org", 8443);

        for (var i = 0; i < 3000; i++)
        {
            peers.Learn(hub, [new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), IPAddress.Parse("192.0.2.1")]);
        }

        Assert.Equal(1024, peers.Current.Count);
        Assert.Contains(IPEndPoint.Parse("192.0.2.1:8443"), peers.Current);
        Assert.Contains(IPEndPoint.Parse("10.0.11.183:8443"), peers.Current);
        Assert.DoesNotContain(IPEndPoint.Parse("10.0.0.0:8443"), peers.Current);
    }

    [Theory]
    [InlineData("nameserver 192.0.2.53", "192.0.2.53")]
    [InlineData("  nameserver\t2001:db8::53 # x", "2001:db8::53")]
    [InlineData("nameserver 127.0.0.53", "")]
    [InlineData("#nameserver 192.0.2.53", "")]
    [InlineData("nameserver example.org", "")]
    [InlineData("search example.org", "")]
    public void NameServers_OfResolvConf(string line, string expected) => Assert.Equal(expected, string.Join(' ', NameServers.Parse(line)));
}
