using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Transport.Tests.Supervision;

public sealed class SupervisorTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _log = new();
    private readonly Channel<object> _told = Channel.CreateUnbounded<object>();
    private readonly Channel<Exception?> _runs = Channel.CreateUnbounded<Exception?>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Supervisor _supervisor;

    public SupervisorTests() => _supervisor = new Supervisor(_time, _log, e => _told.Writer.TryWrite(e), e => _told.Writer.TryWrite(e));

    [Fact]
    public async Task A_task_that_dies_is_started_again_after_a_delay_and_ends_in_order()
    {
        var task = _supervisor.Start("snapshots", RunAsync, _stopping.Token);
        await DieAsync("the first");
        await AdvanceUntilToldAsync<CrashRecoveredEventArgs>(crash =>
        {
            Assert.Equal(("snapshots", "InvalidDataException: the first", 1), (crash.Loop, crash.Error, crash.Crashes));
        });
        await DieAsync("the second");
        await AdvanceUntilToldAsync<CrashRecoveredEventArgs>(crash => Assert.Equal(2, crash.Crashes));

        _runs.Writer.TryWrite(null);
        await task.WaitAsync(Timeouts.Token());

        Assert.False(_supervisor.Failed.IsCompleted);
        Assert.Equal(
            ["Error: snapshots died of a defect, InvalidDataException: the first", "Error: snapshots died of a defect, InvalidDataException: the second"],
            _log.Lines);
    }

    [Fact]
    public async Task Six_crashes_within_a_minute_are_the_end()
    {
        var task = _supervisor.Start("log", RunAsync, _stopping.Token);
        for (var i = 1; i <= Supervisor.MaxCrashes; i++)
        {
            await DieAsync($"number {i}");
            await AdvanceUntilToldAsync<CrashRecoveredEventArgs>(crash => Assert.Equal(i, crash.Crashes));
        }

        await DieAsync("number 6");
        var failure = Assert.IsType<CrashRecoveryFailedEventArgs>(await _told.Reader.ReadAsync(Timeouts.Token()));
        await task.WaitAsync(Timeouts.Token());

        Assert.Equal(("log", "InvalidDataException: number 6", 6), (failure.Loop, failure.Error, failure.Crashes));
        var fault = await Assert.ThrowsAsync<LoopDiedException>(() => _supervisor.Failed.WaitAsync(Timeouts.Token()));
        Assert.Equal("log died too often, the last time of InvalidDataException: number 6", fault.Message);
        Assert.Equal("Critical: log died 6 times within a minute and is not started again", _log.Lines[^1]);
    }

    [Fact]
    public async Task Crashes_that_are_a_minute_apart_are_never_too_many()
    {
        var task = _supervisor.Start("log", RunAsync, _stopping.Token);
        for (var i = 0; i < 3 * Supervisor.MaxCrashes; i++)
        {
            await DieAsync("again");
            await AdvanceUntilToldAsync<CrashRecoveredEventArgs>(crash => Assert.Equal(1, crash.Crashes));
            _time.Advance(TimeSpan.FromMinutes(2));
        }

        await _stopping.CancelAsync();
        _runs.Writer.TryWrite(new OperationCanceledException());
        await task.WaitAsync(Timeouts.Token());
        Assert.False(_supervisor.Failed.IsCompleted);
    }

    [Fact]
    public async Task What_cannot_be_made_anew_counts_as_one_more_crash()
    {
        var revivals = 0;
        var task = _supervisor.RunAsync(
            "event loop 0",
            RunAsync,
            () => revivals++ == 0 ? throw new IOException("no descriptors") : Task.CompletedTask,
            _stopping.Token);
        await DieAsync("a defect");

        await AdvanceUntilToldAsync<CrashRecoveredEventArgs>(
            crash => Assert.Equal(("IOException: no descriptors", 2), (crash.Error, crash.Crashes)));

        Assert.Equal(2, revivals);
        _runs.Writer.TryWrite(null);
        await task.WaitAsync(Timeouts.Token());
    }

    [Fact]
    public async Task A_stop_during_the_delay_ends_it()
    {
        var task = _supervisor.Start("log", RunAsync, _stopping.Token);
        await DieAsync("a defect");
        await Poll.UntilAsync("the crash is told", () => _log.Lines.Count == 1, Timeouts.Token());

        await _stopping.CancelAsync();

        await task.WaitAsync(Timeouts.Token());
        Assert.False(_told.Reader.TryRead(out _));
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync()
    {
        if (await _runs.Reader.ReadAsync() is { } error)
        {
            throw error;
        }
    }

    private ValueTask DieAsync(string message) => _runs.Writer.WriteAsync(new InvalidDataException(message));

    // Its delay begins when the crash was noted, which nobody can wait for: time goes on until something is told.
    private async Task AdvanceUntilToldAsync<T>(Action<T> check)
    {
        await Poll.UntilAsync(typeof(T).Name, () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return _told.Reader.TryPeek(out _);
        }, Timeouts.Token());
        Assert.True(_told.Reader.TryRead(out var told));
        check(Assert.IsType<T>(told));
    }
}
