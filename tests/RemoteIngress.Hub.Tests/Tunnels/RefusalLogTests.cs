using System.Net;
using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Hub.Tunnels;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Hub.Tests.Tunnels;

public sealed class RefusalLogTests
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.1");

    [Fact]
    public void The_first_of_a_minute_is_told_and_the_others_are_counted()
    {
        var time = new FakeTimeProvider();
        var log = new RefusalLog(time);

        Assert.True(log.IsNew(Address, "edge-1", TunnelEndReason.BadCredentials));
        Assert.False(log.IsNew(Address, "edge-1", TunnelEndReason.BadCredentials));
        Assert.False(log.IsNew(Address, "edge-1", TunnelEndReason.BadCredentials));
        Assert.True(log.IsNew(Address, "edge-1", TunnelEndReason.HandshakeTimeout));
        Assert.True(log.IsNew(IPAddress.Parse("192.0.2.2"), "edge-1", TunnelEndReason.BadCredentials));
        Assert.Empty(log.TakeExpired());

        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((Address, TunnelEndReason.BadCredentials, 2), Assert.Single(log.TakeExpired()));
        Assert.True(log.IsNew(Address, "edge-1", TunnelEndReason.BadCredentials));
    }

    [Fact]
    public void Beyond_so_many_addresses_all_share_one_line()
    {
        var log = new RefusalLog(new FakeTimeProvider());
        for (var i = 0; i < RefusalLog.MaxKeys; i++)
        {
            Assert.True(log.IsNew(new IPAddress(i + 1), "edge-1", TunnelEndReason.BadCredentials));
        }

        Assert.True(log.IsNew(IPAddress.Parse("203.0.113.1"), "edge-1", TunnelEndReason.BadCredentials));
        Assert.False(log.IsNew(IPAddress.Parse("203.0.113.2"), "edge-1", TunnelEndReason.BadCredentials));
        Assert.False(log.IsNew(new IPAddress(1), "edge-1", TunnelEndReason.BadCredentials));
    }

    [Fact]
    public void Edge_ids_of_one_address_get_a_line_each_but_not_a_guessers_many()
    {
        var log = new RefusalLog(new FakeTimeProvider());
        for (var i = 0; i < RefusalLog.MaxEdgesPerAddress; i++)
        {
            Assert.True(log.IsNew(Address, $"edge-{i}", TunnelEndReason.BadCredentials));
        }

        Assert.False(log.IsNew(Address, "one more", TunnelEndReason.BadCredentials));
    }
}
