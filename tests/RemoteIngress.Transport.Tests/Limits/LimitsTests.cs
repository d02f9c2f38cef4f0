using RemoteIngress.Transport.Limits;

namespace RemoteIngress.Transport.Tests.Limits;

public sealed class LimitsTests
{
    [Fact]
    public async Task Bound_ManyThreads_NeverHasMoreThanItMay()
    {
        var bound = new Bound(5);
        var inside = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                if (bound.TryEnter())
                {
                    InterlockedMax(ref most, Interlocked.Increment(ref inside));
                    Interlocked.Decrement(ref inside);
                    bound.Leave();
                }
            }
        })));

        Assert.Equal(0, bound.Count);
        Assert.InRange(most, 1, 5);
        Assert.All(Enumerable.Range(0, 5), _ => Assert.True(bound.TryEnter()));
        Assert.False(bound.TryEnter());
    }

    [Theory]
    [InlineData(1000, 100, 899, false, true)]
    [InlineData(1000, 100, 874, false, false)]
    [InlineData(1000, 100, 875, false, true)]
    [InlineData(1000, 100, 900, true, true)]
    [InlineData(100, 100, 74, false, true)]
    [InlineData(100, 100, 75, true, true)]
    [InlineData(int.MaxValue, 256, 1_000_000, false, false)]
    public void OpenFiles_TheLastOnesAreReserved_AtMostAQuarter(int limit, int reserved, int descriptor, bool isReserved, bool isReservedForTunnels)
    {
        var files = new OpenFiles(limit, reserved);

        Assert.Equal(isReserved, files.IsReserved(descriptor));
        Assert.Equal(isReservedForTunnels || isReserved, files.IsReservedForTunnels(descriptor));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            var now = Interlocked.CompareExchange(ref target, value, seen);
            if (now == seen)
            {
                return;
            }

            seen = now;
        }
    }
}
