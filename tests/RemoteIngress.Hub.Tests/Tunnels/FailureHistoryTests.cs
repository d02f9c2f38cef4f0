using System.Net;
using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Hub.Tunnels;

namespace RemoteIngress.Hub.Tests.Tunnels;

public sealed class FailureHistoryTests
{
    private static readonly IPAddress Guesser = IPAddress.Parse("192.0.2.1");

    private readonly FakeTimeProvider _time = new();
    private readonly FailureHistory _history;

    public FailureHistoryTests() => _history = new FailureHistory(_time);

    [Fact]
    public void A_few_failures_cost_nothing_and_then_each_doubles_the_delay_up_to_its_cap()
    {
        Fail(FailureHistory.Free);
        Assert.Equal(TimeSpan.Zero, _history.Delay(Guesser));

        Fail(1);
        Assert.Equal(TimeSpan.FromMilliseconds(250), _history.Delay(Guesser));
        Fail(1);
        Assert.Equal(TimeSpan.FromMilliseconds(500), _history.Delay(Guesser));
        Fail(100);
        Assert.Equal(FailureHistory.Longest, _history.Delay(Guesser));
    }

    [Fact]
    public void Other_addresses_do_not_pay()
    {
        Fail(100);

        Assert.Equal(TimeSpan.Zero, _history.Delay(IPAddress.Parse("192.0.2.2")));
    }

    [Fact]
    public void Addresses_of_one_ipv6_network_pay_together()
    {
        for (var i = 1; i <= 10; i++)
        {
            _history.Add(IPAddress.Parse($"2001:db8::{i}"));
        }

        Assert.True(_history.Delay(IPAddress.Parse("2001:db8::ffff")) > TimeSpan.Zero);
    }

    [Fact]
    public void A_minute_later_it_is_forgotten()
    {
        Fail(100);

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(TimeSpan.Zero, _history.Delay(Guesser));
    }

    [Fact]
    public void More_addresses_than_are_remembered_share_one_history_until_room_is_made()
    {
        for (var i = 0; i < FailureHistory.MaxAddresses; i++)
        {
            _history.Add(new IPAddress(i + 1));
        }

        for (var i = 0; i < 10; i++)
        {
            _history.Add(IPAddress.Parse("203.0.113.1"));
        }

        Assert.True(_history.Delay(IPAddress.Parse("203.0.113.2")) > TimeSpan.Zero);
        _time.Advance(TimeSpan.FromMinutes(1));
        _history.Add(Guesser);
        Assert.Equal(TimeSpan.Zero, _history.Delay(IPAddress.Parse("203.0.113.2")));
    }

    private void Fail(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _history.Add(Guesser);
        }
    }
}
