using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Hub.Tunnels;

namespace RemoteIngress.Hub.Tests.Tunnels;

public sealed class OncePerMinuteTests
{
    [Fact]
    public void The_first_of_a_minute_is_told_and_the_others_are_one_number()
    {
        var time = new FakeTimeProvider();
        var lines = new OncePerMinute<string>(time);

        Assert.True(lines.IsNew("a"));
        Assert.False(lines.IsNew("a"));
        Assert.True(lines.IsNew("b"));
        Assert.False(lines.IsNew("a"));
        Assert.Empty(lines.TakeExpired());
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([("a", 2)], lines.TakeExpired());
        Assert.True(lines.IsNew("a"));
    }

    [Fact]
    public void Beyond_the_bound_nothing_is_remembered_and_nothing_told()
    {
        var lines = new OncePerMinute<int>(new FakeTimeProvider());
        Assert.All(Enumerable.Range(0, OncePerMinute<int>.MaxKeys), key => Assert.True(lines.IsNew(key)));

        Assert.False(lines.IsNew(-1));
        Assert.False(lines.IsNew(0));
    }
}
