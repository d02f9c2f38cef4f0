using RemoteIngress.Edge.Tunnels;

namespace RemoteIngress.Edge.Tests.Tunnels;

public sealed class ReconnectBackoffTests
{
    private const long Second = 1_000_000;

    [Fact]
    public void YoungOutage_DelaysStayShort_SoThatARestartedHubHasItsEdgesBackWithin2Seconds()
    {
        var backoff = new ReconnectBackoff(new Random(1));

        for (long now = 0; now < 60 * Second; now += Second)
        {
            Assert.InRange(backoff.Next(now, isRefused: false, TimeSpan.Zero), TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
        }
    }

    [Fact]
    public void OldOutage_DelaysReachTheirCapAndNeverPassIt()
    {
        var backoff = new ReconnectBackoff(new Random(1));
        for (var i = 0; i < 20; i++)
        {
            backoff.Next(0, isRefused: false, TimeSpan.Zero);
        }

        var delays = Enumerable.Range(0, 1000).Select(_ => backoff.Next(100 * Second, isRefused: false, TimeSpan.Zero)).ToArray();

        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.Zero, TimeSpan.FromSeconds(30)));
        Assert.Contains(delays, delay => delay > TimeSpan.FromSeconds(29));
        Assert.Contains(delays, delay => delay < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Refused_GoesToTheSlowestAtOnce()
    {
        var backoff = new ReconnectBackoff(new Random(1));

        Assert.InRange(backoff.Next(0, isRefused: true, TimeSpan.Zero), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void RetryAfter_IsRespectedAndSpread()
    {
        var backoff = new ReconnectBackoff(new Random(1));

        var delays = Enumerable.Range(0, 100).Select(_ => backoff.Next(0, isRefused: false, TimeSpan.FromSeconds(40))).ToArray();

        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(50)));
        Assert.True(delays.Max() - delays.Min() > TimeSpan.FromSeconds(5), "all the edges of a hub would come back at once");
    }

    [Fact]
    public void Success_StartsAnew()
    {
        var backoff = new ReconnectBackoff(new Random(1));
        backoff.Next(0, isRefused: false, TimeSpan.Zero);
        backoff.Next(100 * Second, isRefused: false, TimeSpan.Zero);

        backoff.Reset();

        Assert.Equal(0, backoff.Attempts);
        Assert.InRange(backoff.Next(200 * Second, isRefused: false, TimeSpan.Zero), TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
    }
}
