using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Edge.PublicIp;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Testing;

namespace RemoteIngress.Edge.Tests.PublicIp;

public sealed class PublicIpMonitorTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Channel<IPAddress> _changes = Channel.CreateUnbounded<IPAddress>();
    private readonly LogLines _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _token = Timeouts.Token();
    private Task _running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.True(_running.IsCanceled || _running == Task.CompletedTask, "the monitor ended by itself");
        _stop.Dispose();
    }

    [Fact]
    public async Task Start_AsksAtOnce_AndTellsTheAddress()
    {
        await using var server = new FakeStunServer();
        var monitor = Start(server);

        server.Reply(await server.NextAsync(_token), "203.0.113.7:1");

        Assert.Equal("203.0.113.7", await NextChangeAsync());
        Assert.Equal((IPAddress.Parse("203.0.113.7"), null, _time.GetUtcNow()), (monitor.State.Address, monitor.State.Error, monitor.State.LastSuccess));
        Assert.Equal([$"Information public address 203.0.113.7, says STUN server {server.EndPoint}"], _log.Told);
    }

    [Fact]
    public async Task Interval_IsKept_AndTheSameAddressIsNoNews()
    {
        await using var server = new FakeStunServer { Mapped = IPEndPoint.Parse("203.0.113.7:1") };
        var monitor = Start(server);
        await server.NextAsync(_token);
        await NextChangeAsync();

        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(300));
            await server.NextAsync(_token);
            await AnsweredAsync(monitor, i + 2);
        }

        server.Mapped = IPEndPoint.Parse("203.0.113.8:1");
        _time.Advance(TimeSpan.FromSeconds(300));

        Assert.Equal("203.0.113.8", await NextChangeAsync());
        Assert.Equal($"Information public address 203.0.113.8, says STUN server {server.EndPoint}, it was 203.0.113.7", _log.Told[1]);
        Assert.Equal(2, _log.Told.Length);
    }

    [Fact]
    public async Task ChangedInterval_TakesEffectAtOnce()
    {
        await using var server = new FakeStunServer { Mapped = IPEndPoint.Parse("203.0.113.7:1") };
        var monitor = Start(server);
        await server.NextAsync(_token);
        await NextChangeAsync();

        // 60 s of the 300 are over: with an interval of 30 it is overdue
        _time.Advance(TimeSpan.FromSeconds(60));
        monitor.SetInterval(30);
        await server.NextAsync(_token);
        await AnsweredAsync(monitor, 2);

        // and with one of 100 it is not due after 30
        monitor.SetInterval(100);
        _time.Advance(TimeSpan.FromSeconds(99));
        Assert.False(server.TryNext(out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        await server.NextAsync(_token);
        await AnsweredAsync(monitor, 3);
    }

    [Fact]
    public async Task AskSoon_AsksAtOnce_ButNotTwiceInTenSeconds()
    {
        await using var server = new FakeStunServer { Mapped = IPEndPoint.Parse("203.0.113.7:1") };
        var monitor = Start(server);
        await server.NextAsync(_token);
        await NextChangeAsync();
        _time.Advance(TimeSpan.FromSeconds(10));

        monitor.AskSoon();
        await server.NextAsync(_token);
        await AnsweredAsync(monitor, 2);
        monitor.AskSoon();
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(server.TryNext(out _));
        _time.Advance(TimeSpan.FromSeconds(0.1));

        await server.NextAsync(_token);
        await AnsweredAsync(monitor, 3);
    }

    [Fact]
    public async Task Unreachable_IsOneLineAndOneMoreWhenItAnswers_TheLastAddressStays()
    {
        await using var server = new FakeStunServer { Mapped = IPEndPoint.Parse("203.0.113.7:1") };
        var monitor = Start(server);
        await server.NextAsync(_token);
        await NextChangeAsync();
        server.Mapped = null;
        _time.Advance(TimeSpan.FromSeconds(300));

        for (var failures = 1; failures <= 3; failures++)
        {
            var before = monitor.State;
            for (var requests = 0; requests < 7; requests++)
            {
                await server.NextAsync(_token);
                _time.Advance(TimeSpan.FromSeconds(requests == 6 ? 8 : 0.5 * (1 << requests)));
            }

            await Poll.UntilAsync("the failure is known", () => monitor.State is { Error: not null } now && !ReferenceEquals(now, before), _token);
            Assert.Equal(("203.0.113.7", "no answer in 39.5 s"), (monitor.State.Address!.ToString(), monitor.State.Error));
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        server.Reply(await server.NextAsync(_token), "203.0.113.7:1");
        await Poll.UntilAsync("it answers again", () => _log.Told.Length > 2, _token);
        Assert.Null(monitor.State.Error);
        Assert.Equal(
            [
                $"Warning STUN server {server.EndPoint} does not tell the public address (no answer in 39.5 s), 203.0.113.7 stays the last one known; "
                + "asked again until it does, nothing else depends on it (--stun-server none turns it off)",
                $"Information STUN server {server.EndPoint} answers again: public address 203.0.113.7",
            ],
            _log.Told[1..]);
    }

    [Fact]
    public async Task NameThatCannotBeResolved_IsTheReason_AndIsLookedUpAgain()
    {
        await using var server = new FakeStunServer { Mapped = IPEndPoint.Parse("203.0.113.7:1") };
        var lookUps = 0;
        var monitor = Start(server, () => lookUps++ == 0 ? [] : [IPAddress.Loopback]);
        await Poll.UntilAsync("the failure is known", () => monitor.State.Error is not null, _token);
        Assert.Equal("stun.test: no such name", monitor.State.Error);

        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("203.0.113.7", await NextChangeAsync());
    }

    [Fact]
    public async Task OneAddressOfTheNameIsDead_TheNextIsAsked()
    {
        await using var alive = new FakeStunServer { Mapped = IPEndPoint.Parse("203.0.113.7:1") };
        await using var dead = new FakeStunServer(IPAddress.Parse("127.0.0.2"), alive.EndPoint.Port);
        Start(alive, () => [IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]);
        for (var requests = 0; requests < 7; requests++)
        {
            await dead.NextAsync(_token);
            _time.Advance(TimeSpan.FromSeconds(requests == 6 ? 8 : 0.5 * (1 << requests)));
        }

        await Poll.UntilAsync("the failure is known", () => _log.Told.Length == 1, _token);
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("203.0.113.7", await NextChangeAsync());
    }

    [Fact]
    public async Task BothFamilies_AreAsked_AndIPv4IsShownAlsoWhenItIsSlower()
    {
        await using var v4 = new FakeStunServer();
        await using var v6 = IPv6At(v4.EndPoint.Port);
        var monitor = Start(v4, () => [IPAddress.IPv6Loopback, IPAddress.Loopback]);

        v6.Reply(await v6.NextAsync(_token), "[2001:db8::7]:1");
        await AnsweredAsync(monitor, 1);
        v4.Reply(await v4.NextAsync(_token), "203.0.113.7:1");

        Assert.Equal("203.0.113.7", await NextChangeAsync());
        await Poll.UntilAsync("both are known", () => monitor.State is { IPv4: not null, IPv6: not null }, _token);
        Assert.False(_changes.Reader.TryRead(out _));
    }

    [Fact]
    public async Task BothFamilies_OneDoesNotAnswer_TheOtherIsShownAfterASecond()
    {
        await using var v4 = new FakeStunServer();
        await using var v6 = IPv6At(v4.EndPoint.Port);
        var monitor = Start(v4, () => [IPAddress.Loopback, IPAddress.IPv6Loopback]);
        await v4.NextAsync(_token);
        v6.Reply(await v6.NextAsync(_token), "[2001:db8::7]:1");
        await AnsweredAsync(monitor, 1);

        await Poll.UntilAsync("a second is over", () => Advanced(0.1, monitor.State.Address is not null), _token);

        Assert.Equal("2001:db8::7", await NextChangeAsync());
        Assert.Null(monitor.State.Error);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::", true)]
    [InlineData("::ffff", false)]
    public async Task BindAddress_OfTheOtherFamily_IsNotAskedFor(string bindAddress, bool isAsked)
    {
        await using var server = new FakeStunServer { Mapped = IPEndPoint.Parse("203.0.113.7:1") };
        var monitor = Start(server, bindAddress: IPAddress.Parse(bindAddress));

        await Poll.UntilAsync("an outcome", () => monitor.State is { Error: not null } or { LastSuccess: not null }, _token);

        Assert.Equal(isAsked, server.TryNext(out _));
        Assert.Equal(isAsked ? null : "the name has no address of the family of --bind-address", monitor.State.Error);
    }

    private static FakeStunServer IPv6At(int port)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "no IPv6 on this machine");
        return new FakeStunServer(IPAddress.IPv6Loopback, port);
    }

    private PublicIpMonitor Start(FakeStunServer server, Func<IReadOnlyList<IPAddress>>? addresses = null, IPAddress? bindAddress = null)
    {
        var name = addresses is null ? server.EndPoint.Address.ToString() : "stun.test";
        var monitor = new PublicIpMonitor(new HubAddress(name, server.EndPoint.Port), bindAddress ?? IPAddress.IPv6Any, _time, _log)
        {
            LookUp = (host, _) => Task.FromResult((addresses?.Invoke() ?? [server.EndPoint.Address], host + ": no such name")),
        };
        monitor.Changed += address => _changes.Writer.TryWrite(address);
        _running = monitor.RunAsync(_stop.Token);
        return monitor;
    }

    private bool Advanced(double seconds, bool isDone)
    {
        if (!isDone)
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
        }

        return isDone;
    }

    private async Task<string> NextChangeAsync() => (await _changes.Reader.ReadAsync(_token)).ToString();

    private Task<TimeSpan> AnsweredAsync(PublicIpMonitor monitor, int count) =>
        Poll.UntilAsync($"{count} answers", () => monitor.Counters.Answered == count, _token);

    private sealed class LogLines : ILogger<PublicIpMonitor>
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = [];

        /// <summary>What an operator sees.</summary>
        internal string[] Told => [.. _lines.Where(line => !line.StartsWith("Debug", StringComparison.Ordinal))];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{logLevel} {formatter(state, exception)}");
    }
}
