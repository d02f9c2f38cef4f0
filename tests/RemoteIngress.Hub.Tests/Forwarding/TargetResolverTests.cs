using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Hub.Forwarding;
using RemoteIngress.Testing;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Hub.Tests.Forwarding;

public sealed class TargetResolverTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LoopGroup _loops = new("test", 1, TimeProvider.System);
    private readonly Channel<TaskCompletionSource<IPAddress[]>> _asked = Channel.CreateUnbounded<TaskCompletionSource<IPAddress[]>>();
    private readonly TargetResolver _resolver;

    public TargetResolverTests()
    {
        _loops.Start();
        _resolver = new TargetResolver(_time, (_, _) =>
        {
            var answer = new TaskCompletionSource<IPAddress[]>();
            _asked.Writer.TryWrite(answer);
            return answer.Task;
        });
    }

    private EventLoop Loop => _loops.Loops[0];

    [Fact]
    public void An_address_needs_no_question()
    {
        Assert.Equal([IPAddress.Parse("::1")], _resolver.Find("::1").Find(Loop, new Waiter())!);
        Assert.Equal([IPAddress.Parse("10.1.2.3")], _resolver.Find("10.1.2.3").Find(Loop, new Waiter())!);
        Assert.False(_asked.Reader.TryRead(out _));
    }

    [Fact]
    public async Task All_who_wait_share_one_question_and_later_ones_the_answer()
    {
        var name = _resolver.Find("a.example");
        Waiter first = new(), second = new();
        Assert.Null(name.Find(Loop, first));
        Assert.Null(name.Find(Loop, second));
        (await NextAsync()).SetResult([IPAddress.Loopback]);

        Assert.Equal([IPAddress.Loopback], await first.Told);
        Assert.Equal([IPAddress.Loopback], await second.Told);
        Assert.Equal([IPAddress.Loopback], _resolver.Find("A.Example").Find(Loop, new Waiter())!);
        Assert.False(_asked.Reader.TryRead(out _));
    }

    [Fact]
    public async Task An_old_answer_is_used_while_a_new_one_is_fetched_and_kept_when_that_fails()
    {
        var name = _resolver.Find("a.example");
        var first = new Waiter();
        name.Find(Loop, first);
        (await NextAsync()).SetResult([IPAddress.Loopback]);
        await first.Told;

        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal([IPAddress.Loopback], name.Find(Loop, new Waiter())!);
        (await NextAsync()).SetException(new SocketException((int)SocketError.TryAgain));
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal([IPAddress.Loopback], name.Find(Loop, new Waiter())!);
        (await NextAsync()).SetResult([IPAddress.IPv6Loopback]);

        await Poll.UntilAsync("the new address is in use", () => name.Find(Loop, new Waiter())![0].Equals(IPAddress.IPv6Loopback), Timeouts.Token());
    }

    [Fact]
    public async Task A_name_without_an_address_is_believed_for_a_second()
    {
        var name = _resolver.Find("nowhere.example");
        var first = new Waiter();
        name.Find(Loop, first);
        (await NextAsync()).SetException(new SocketException((int)SocketError.HostNotFound));
        Assert.Empty(await first.Told);
        Assert.Empty(name.Find(Loop, new Waiter())!);

        _time.Advance(TimeSpan.FromSeconds(1));
        var again = new Waiter();
        Assert.Null(name.Find(Loop, again));
        (await NextAsync()).SetResult([IPAddress.Loopback]);
        Assert.Equal([IPAddress.Loopback], await again.Told);
    }

    [Fact]
    public async Task No_more_than_so_many_wait_for_one_name()
    {
        var name = _resolver.Find("slow.example");
        for (var i = 0; i < TargetName.MaxWaiting; i++)
        {
            Assert.Null(name.Find(Loop, new Waiter()));
        }

        Assert.Empty(name.Find(Loop, new Waiter())!);
        (await NextAsync()).SetResult([]);
    }

    public async ValueTask DisposeAsync()
    {
        _resolver.Dispose();
        await _loops.DisposeAsync();
    }

    private async Task<TaskCompletionSource<IPAddress[]>> NextAsync() => await _asked.Reader.ReadAsync(Timeouts.Token());

    private sealed class Waiter : ITargetWaiter
    {
        private readonly TaskCompletionSource<IReadOnlyList<IPAddress>> _told = new();

        public Task<IReadOnlyList<IPAddress>> Told => _told.Task.WaitAsync(Timeouts.Token());

        public void OnResolved(IReadOnlyList<IPAddress> addresses) => _told.SetResult(addresses);
    }
}
