using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Transport.Tests.Loops;

public sealed class LoopGroupTests
{
    [Fact]
    public async Task WatchAsync_OneLoopDies_FaultsWithItsException()
    {
        await using var group = new LoopGroup("test", 3, TimeProvider.System);
        group.Start();
        var watch = group.WatchAsync();
        group.Loops[1].Post(() => throw new InvalidDataException("a defect"));

        await Assert.ThrowsAsync<InvalidDataException>(() => watch);
    }

    [Fact]
    public async Task DisposeAsync_AllLoopsEnd()
    {
        var group = new LoopGroup("test", 2, TimeProvider.System);
        group.Start();
        var watch = group.WatchAsync();
        await group.DisposeAsync();

        await watch;
        Assert.All(group.Loops, loop => Assert.True(loop.Ended.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task Constructor_Zero_MeansOnePerCore()
    {
        await using var group = new LoopGroup("test", 0, TimeProvider.System);

        Assert.Equal(Environment.ProcessorCount, group.Loops.Count);
    }
}
