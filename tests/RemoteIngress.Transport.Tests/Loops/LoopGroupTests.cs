using RemoteIngress.Testing;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Transport.Tests.Loops;

public sealed class LoopGroupTests : ILoopOwner
{
    private readonly List<int> _died = [];
    private readonly TaskCompletionSource<EventLoop> _revived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Supervise_OneLoopDies_AnotherStandsInItsPlaceAndTheOthersStay()
    {
        await using var group = new LoopGroup("test", 3, TimeProvider.System);
        group.Start();
        EventLoop[] before = [.. group.Loops];
        group.Supervise(Supervisors.Create(), this);
        group.Loops[1].Post(() => throw new InvalidDataException("a defect"));

        var revived = await _revived.Task.WaitAsync(Timeouts.Token());

        Assert.Equal([1], _died);
        Assert.Same(revived, group.Loops[1]);
        Assert.NotSame(before[1], revived);
        Assert.Equal(1, revived.Index);
        Assert.True(await revived.InvokeAsync(() => revived.IsInLoop));
        Assert.Equal([before[0], before[2]], [group.Loops[0], group.Loops[2]]);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => before[1].InvokeAsync(() => true));
    }

    [Fact]
    public async Task DisposeAsync_AllLoopsEnd()
    {
        var group = new LoopGroup("test", 2, TimeProvider.System);
        group.Start();
        group.Supervise(Supervisors.Create(), this);
        await group.DisposeAsync();

        Assert.All(group.Loops, loop => Assert.True(loop.Ended.IsCompletedSuccessfully));
        Assert.Empty(_died);
    }

    [Fact]
    public async Task EndSupervisionAsync_ALoopDiesAfterIt_StaysDead()
    {
        await using var group = new LoopGroup("test", 2, TimeProvider.System);
        group.Start();
        group.Supervise(Supervisors.Create(), this);
        await group.EndSupervisionAsync();
        group.Loops[0].Post(() => throw new InvalidDataException("a defect"));

        await Assert.ThrowsAsync<InvalidDataException>(() => group.Loops[0].Ended);

        Assert.False(_revived.Task.IsCompleted);
    }

    [Fact]
    public async Task Constructor_Zero_MeansOnePerCore()
    {
        await using var group = new LoopGroup("test", 0, TimeProvider.System);

        Assert.Equal(Environment.ProcessorCount, group.Loops.Count);
    }

    void ILoopOwner.OnLoopDied(int index) => _died.Add(index);

    void ILoopOwner.Revive(EventLoop loop) => _revived.TrySetResult(loop);
}
