using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Transport.Tests.Loops;

public sealed class TimerHeapTests
{
    [Fact]
    public void SetCancelTake_AtRandom_AgreesWithASortedList()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            RunAtRandom(seed);
        }
    }

    [Fact]
    public void Cancel_NotArmed_DoesNothing()
    {
        var heap = new TimerHeap();
        var timer = new LoopTimer(() => { });
        heap.Cancel(timer);
        heap.Set(timer, 1);
        heap.Cancel(timer);
        heap.Cancel(timer);

        Assert.Equal(0, heap.Count);
        Assert.Equal(long.MaxValue, heap.Next);
    }

    private static void RunAtRandom(int seed)
    {
        var random = new Random(seed);
        var heap = new TimerHeap();
        var timers = Enumerable.Range(0, 150).Select(_ => new LoopTimer(() => { })).ToArray();
        var expected = new Dictionary<LoopTimer, long>();
        for (var step = 0; step < 600; step++)
        {
            var timer = timers[random.Next(timers.Length)];
            switch (random.Next(4))
            {
                case 0 or 1:
                    var deadline = random.Next(0, 1000);
                    heap.Set(timer, deadline);
                    expected[timer] = deadline;
                    break;
                case 2:
                    heap.Cancel(timer);
                    expected.Remove(timer);
                    break;
                default:
                    Take(heap, expected, random.Next(0, 1000), seed);
                    break;
            }

            Assert.True(heap.Count == expected.Count, $"seed {seed}, step {step}");
            Assert.True(heap.Next == expected.Values.DefaultIfEmpty(long.MaxValue).Min(), $"seed {seed}, step {step}");
        }

        Assert.All(timers, timer => Assert.Equal(expected.ContainsKey(timer), timer.IsArmed));
    }

    private static void Take(TimerHeap heap, Dictionary<LoopTimer, long> expected, long now, int seed)
    {
        var first = expected.Values.DefaultIfEmpty(long.MaxValue).Min();
        Assert.True(heap.TryTake(now, out var timer) == (first <= now), $"seed {seed}");
        if (timer is not null)
        {
            Assert.Equal(first, expected[timer]);
            Assert.False(timer.IsArmed);
            expected.Remove(timer);
        }
    }
}
