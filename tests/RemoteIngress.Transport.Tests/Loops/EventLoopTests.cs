using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Native;

namespace RemoteIngress.Transport.Tests.Loops;

public sealed class EventLoopTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly EventLoop _loop;
    private readonly List<int> _descriptors = [];

    public EventLoopTests() => _loop = new EventLoop(0, "test", _time);

    public ValueTask InitializeAsync()
    {
        _loop.Start();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Post_FromOneThread_RunsInOrderOnTheLoop()
    {
        var ran = new List<int>();
        var onLoop = true;
        for (var i = 0; i < 1000; i++)
        {
            var number = i;
            _loop.Post(() =>
            {
                ran.Add(number);
                onLoop &= _loop.IsInLoop;
            });
        }

        await _loop.PassTurnAsync();

        Assert.Equal(Enumerable.Range(0, 1000), ran);
        Assert.True(onLoop);
        Assert.False(_loop.IsInLoop);
    }

    [Fact]
    public async Task Post_FromManyThreads_LosesNone()
    {
        var count = 0;
        await Parallel.ForAsync(0, 20_000, (_, _) =>
        {
            _loop.Post(() => count++);
            return ValueTask.CompletedTask;
        });

        Assert.Equal(20_000, await _loop.InvokeAsync(() => count));
    }

    [Fact]
    public async Task Register_RefusedByTheSystem_SaysSoAndTheLoopGoesOn()
    {
        var (ticket, next) = await _loop.InvokeAsync(() => (_loop.Register(-1, new Callbacks()), _loop.Register(EventFd(0), new Callbacks())));

        Assert.Equal(0, ticket);
        Assert.NotEqual(0, next);
        Assert.Equal(1, await _loop.InvokeAsync(() =>
        {
            _loop.Unregister(ticket);
            return _loop.Registered;
        }));
    }

    [Fact]
    public async Task Post_FromTheLoopItself_RunsInALaterTurn()
    {
        var ran = false;
        await _loop.RunAsync(() => _loop.Post(() => ran = true));
        await _loop.PassTurnAsync();

        Assert.True(ran);
    }

    [Fact]
    public async Task Timer_FiresOnceWhenItsTimeComes()
    {
        var fired = 0;
        var timer = new LoopTimer(() => fired++);
        await _loop.RunAsync(() => _loop.ArmIn(timer, TimeSpan.FromSeconds(5)));
        _time.Advance(TimeSpan.FromSeconds(4.999));
        await _loop.PassTurnAsync();
        Assert.Equal((0, 1), (fired, await _loop.InvokeAsync(() => _loop.ArmedTimers)));

        _time.Advance(TimeSpan.FromSeconds(0.001));
        await _loop.PassTurnAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        await _loop.PassTurnAsync();

        Assert.Equal((1, 0), (fired, await _loop.InvokeAsync(() => _loop.ArmedTimers)));
    }

    [Fact]
    public async Task Timer_Cancelled_DoesNotFire()
    {
        var fired = 0;
        var timer = new LoopTimer(() => fired++);
        await _loop.RunAsync(() =>
        {
            _loop.ArmIn(timer, TimeSpan.FromSeconds(5));
            _loop.Cancel(timer);
        });
        _time.Advance(TimeSpan.FromSeconds(10));
        await _loop.PassTurnAsync();

        Assert.Equal(0, fired);
    }

    [Fact]
    public async Task Timer_OnTheRealClock_WakesTheLoop()
    {
        using var loop = new EventLoop(1, "real", TimeProvider.System);
        loop.Start();
        var fired = new TaskCompletionSource();
        await loop.RunAsync(() => loop.ArmIn(new LoopTimer(fired.SetResult), TimeSpan.FromMilliseconds(5)));

        await fired.Task;
        await loop.StopAsync();
    }

    [Fact]
    public async Task Turn_WithMoreToDo_GoesOnWhileCommandsStillRun()
    {
        var turns = 0;
        var stop = false;
        var work = new Callbacks();
        work.Turns = () =>
        {
            turns++;
            return !stop;
        };
        await _loop.RunAsync(() =>
        {
            _loop.Queue(work);
            _loop.Queue(work);
        });
        await _loop.UntilAsync(() => turns > 100, "the turn goes on");
        await _loop.RunAsync(() => stop = true);
        await _loop.PassTurnAsync();
        var ended = await _loop.InvokeAsync(() => turns);
        await _loop.PassTurnAsync();

        Assert.Equal(ended, turns);
    }

    [Fact]
    public async Task Unregister_InTheSameBatch_TheNextOwnerOfTheSlotSeesNothingOfIt()
    {
        var stale = 0;
        var others = 0;
        await _loop.RunAsync(() =>
        {
            var tickets = new long[2];
            for (var i = 0; i < 2; i++)
            {
                var other = 1 - i;
                tickets[i] = _loop.Register(EventFd(1), new Callbacks
                {
                    Events = _ =>
                    {
                        others++;
                        _loop.Unregister(tickets[other]);
                        _loop.Register(EventFd(0), new Callbacks { Events = flags => stale += (flags & Linux.EpollIn) != 0 ? 1 : 0 });
                    },
                });
            }
        });
        await _loop.PassTurnAsync();

        Assert.Equal((1, 0), (others, stale));
    }

    [Fact]
    public async Task Unregister_TicketOfEarlierOwner_DoesNotTouchTheLaterOne()
    {
        Assert.Equal(1, await _loop.InvokeAsync(() =>
        {
            var ticket = _loop.Register(EventFd(0), new Callbacks());
            _loop.Unregister(ticket);
            _loop.Register(EventFd(0), new Callbacks());
            _loop.Unregister(ticket);
            _loop.Unregister(0);
            return _loop.Registered;
        }));
    }

    [Fact]
    public async Task Register_Thousands_EachHearsItsOwn()
    {
        var heard = new int[2000];
        await _loop.RunAsync(() =>
        {
            for (var i = 0; i < heard.Length; i++)
            {
                var number = i;
                _loop.Register(EventFd(1), new Callbacks { Events = _ => heard[number]++ });
            }
        });
        await _loop.UntilAsync(() => heard.All(count => count == 1), "each is told once");
        Assert.Equal(2000, await _loop.InvokeAsync(() => _loop.Registered));
    }

    [Fact]
    public async Task Callback_Throws_FaultsEnded()
    {
        _loop.Post(() => throw new InvalidDataException("a defect"));

        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => _loop.Ended);

        Assert.Equal("a defect", exception.Message);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _loop.InvokeAsync(() => 1));
    }

    [Fact]
    public async Task StopAsync_RunsWhatWasPostedBefore()
    {
        var ran = 0;
        for (var i = 0; i < 100; i++)
        {
            _loop.Post(() => ran++);
        }

        await _loop.StopAsync();

        Assert.Equal(100, ran);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _loop.InvokeAsync(() => 1));
    }

    [Fact]
    public async Task StopAsync_NeverStarted_Ends()
    {
        using var loop = new EventLoop(1, "idle", _time);

        await loop.StopAsync();
    }

    [Fact]
    public async Task Post_AfterDispose_WritesToNoDescriptor()
    {
        await _loop.StopAsync();
        _loop.Dispose();
        var descriptors = Enumerable.Range(0, 4).Select(_ => EventFd(0)).ToList();

        _loop.Post(() => { });

        Assert.All(descriptors, descriptor => Assert.False(IsReadable(descriptor)));
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAny(_loop.StopAsync());
        _loop.Dispose();
        _descriptors.ForEach(descriptor => _ = Libc.Close(descriptor));
    }

    private int EventFd(uint initial)
    {
        var descriptor = Libc.EventFd(initial, Linux.EventFdFlags);
        Assert.True(descriptor >= 0);
        _descriptors.Add(descriptor);
        return descriptor;
    }

    private static unsafe bool IsReadable(int descriptor)
    {
        ulong value;
        return Libc.Read(descriptor, (byte*)&value, sizeof(ulong)) > 0;
    }
}
