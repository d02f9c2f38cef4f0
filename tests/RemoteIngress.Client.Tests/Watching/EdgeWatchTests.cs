using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Contracts;

namespace RemoteIngress.Client.Tests.Watching;

public sealed class EdgeWatchTests
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Queue<Func<IReadOnlyList<EdgeView>>> _answers = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_outage_is_silence_and_what_changed_meanwhile_is_told_afterwards()
    {
        _answers.Enqueue(() => [EdgeComparisonTests.View("a", 1), EdgeComparisonTests.View("b", 1)]);
        _answers.Enqueue(() => throw new RegistryUnavailableException());
        _answers.Enqueue(() => [EdgeComparisonTests.View("a", 1, "hub-1"), EdgeComparisonTests.View("c", 1)]);
        await using var watch = Start();

        Assert.Equal((EdgeEventKind.Listed, "a"), await NextAsync(watch));
        Assert.Equal((EdgeEventKind.Listed, "b"), await NextAsync(watch));
        Assert.Equal((EdgeEventKind.PresenceChanged, "a"), await NextAsync(watch));
        Assert.Equal((EdgeEventKind.Removed, "b"), await NextAsync(watch));
        Assert.Equal((EdgeEventKind.Created, "c"), await NextAsync(watch));
        Assert.Empty(_answers);
    }

    [Fact]
    public async Task A_listing_that_takes_long_is_repeated_less_often()
    {
        _answers.Enqueue(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return [EdgeComparisonTests.View("a", 1)];
        });
        _answers.Enqueue(() => [EdgeComparisonTests.View("a", 2)]);
        await using var watch = Start();
        await NextAsync(watch);

        var next = watch.MoveNextAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(next.IsCompleted);
        Assert.Single(_answers);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await next.WaitAsync(Token));
        Assert.Equal(EdgeEventKind.Updated, watch.Current.Kind);
    }

    [Fact]
    public async Task It_ends_when_it_is_cancelled()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _answers.Enqueue(() => []);
        await using var watch = NewWatch().RunAsync(stop.Token).GetAsyncEnumerator(stop.Token);

        var next = watch.MoveNextAsync().AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    private EdgeWatch NewWatch() => new(_ => Task.FromResult(_answers.Dequeue()()), _time, NullLogger<EdgeWatch>.Instance);

    private IAsyncEnumerator<EdgeEvent> Start() => NewWatch().RunAsync(Token).GetAsyncEnumerator(Token);

    // a clock that goes on by itself whenever the watch waits for it
    private async Task<(EdgeEventKind Kind, string EdgeId)> NextAsync(IAsyncEnumerator<EdgeEvent> watch)
    {
        var next = watch.MoveNextAsync().AsTask();
        while (!next.IsCompleted)
        {
            _time.Advance(Round);
            await Task.Yield();
        }

        Assert.True(await next);
        return (watch.Current.Kind, watch.Current.EdgeId);
    }
}
