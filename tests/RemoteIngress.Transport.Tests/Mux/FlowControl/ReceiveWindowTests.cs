using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Tests.Mux.FlowControl;

public sealed class ReceiveWindowTests
{
    private const int Initial = WindowPolicy.InitialWindow;
    private const long RoundTrip = 50_000;
    private readonly WindowPolicy _policy = new();

    public ReceiveWindowTests() => _policy.Add();

    [Fact]
    public void TryReceive_MoreThanOpen_IsCaughtAndChangesNothing()
    {
        var window = new ReceiveWindow(_policy);

        Assert.True(window.TryReceive(Initial - 1));
        Assert.False(window.TryReceive(2));
        Assert.Equal(1, window.Open);
        Assert.True(window.TryReceive(1));
        Assert.False(window.TryReceive(1));
        Assert.False(window.TryReceive(uint.MaxValue));
    }

    [Fact]
    public void Report_GivesBackWhatWasConsumed()
    {
        var window = new ReceiveWindow(_policy);
        window.TryReceive(Initial);
        window.Consume(1000);

        Assert.Equal((1000, 0), (window.Unreported, window.Open));
        Assert.Equal(1000, window.Report(0, RoundTrip, mayGrow: true));
        Assert.Equal((0, 1000, Initial - 1000), (window.Unreported, window.Open, window.Outstanding));
    }

    [Fact]
    public void Report_AWindowPerRoundTrip_GrowsToTheCap()
    {
        Assert.Equal(WindowPolicy.LargestWindow, Grown().Size);
    }

    [Fact]
    public void Report_GrowthIsForbidden_StaysAsItIs()
    {
        var window = new ReceiveWindow(_policy);
        for (long now = 0; now < 100 * RoundTrip; now += RoundTrip)
        {
            ReceiveAndConsume(window, (int)window.Open, now, mayGrow: false);
        }

        Assert.Equal(Initial, window.Size);
    }

    [Fact]
    public void Report_SlowReaderInPiecesAtOneMoment_DoesNotGrow()
    {
        var window = new ReceiveWindow(_policy);
        for (long now = 0; now < 1000 * RoundTrip; now += 10 * RoundTrip)
        {
            for (var piece = 0; piece < 4; piece++)
            {
                ReceiveAndConsume(window, Initial / 4, now);
            }
        }

        Assert.Equal(Initial, window.Size);
    }

    [Fact]
    public void Report_AWindowPerRoundTripInPiecesAtOneMoment_Grows()
    {
        var window = new ReceiveWindow(_policy);
        for (long now = 0; now < 100 * RoundTrip; now += RoundTrip)
        {
            for (var left = window.Size; left > 0; left -= Initial / 4)
            {
                ReceiveAndConsume(window, Initial / 4, now);
            }
        }

        Assert.Equal(WindowPolicy.LargestWindow, window.Size);
    }

    [Fact]
    public void Report_RoundTripNotMeasuredYet_DoesNotGrow()
    {
        var window = new ReceiveWindow(_policy);
        for (var now = 0; now < 100; now++)
        {
            window.TryReceive((uint)window.Open);
            window.Consume(Initial);
            window.Report(now, roundTripMicroseconds: 0, mayGrow: true);
        }

        Assert.Equal(Initial, window.Size);
    }

    [Fact]
    public void Report_CapFell_ShrinksAtOnceAndTakesWhatIsUnderWay()
    {
        var window = Grown();
        for (var i = 0; i < 300; i++)
        {
            _policy.Add();
        }

        Assert.True(window.TryReceive(1000));
        window.Consume(1000);
        window.Report(1_000_000_000, RoundTrip, mayGrow: true);

        // The far end was allowed all of the old window before it heard of the new one.
        Assert.Equal(WindowPolicy.ReducedWindow, window.Size);
        Assert.Equal(WindowPolicy.LargestWindow - 1000, window.Open);
        Assert.True(window.TryReceive(WindowPolicy.LargestWindow - 1000));
        Assert.False(window.TryReceive(1));

        window.Consume(WindowPolicy.LargestWindow - 1000);
        window.Report(1_000_000_001, RoundTrip, mayGrow: true);
        Assert.Equal(WindowPolicy.ReducedWindow, window.Open);
    }

    [Fact]
    public void ReceiveAndConsume_AtRandom_TheFarEndIsNeverCaughtWhenItObeys()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            RunAtRandom(seed);
        }
    }

    // The far end learns of reports late, and sends what the newest one it knows allows.
    private static void RunAtRandom(int seed)
    {
        var random = new Random(seed);
        var policy = new WindowPolicy();
        policy.Add();
        var window = new ReceiveWindow(policy);
        var underWay = new Queue<(int Consumed, int Window)>();
        int outstanding = 0, sendWindow = Initial, unread = 0;
        for (var step = 0; step < 500; step++)
        {
            if (random.Next(20) == 0)
            {
                policy.Add();
            }

            while (underWay.Count > 0 && random.Next(2) == 0)
            {
                var (consumed, given) = underWay.Dequeue();
                Assert.True(consumed <= outstanding, $"seed {seed}, step {step}");
                outstanding -= consumed;
                sendWindow = given;
            }

            var sends = random.Next(0, Math.Max(0, sendWindow - outstanding) + 1);
            outstanding += sends;
            unread += sends;
            Assert.True(window.TryReceive((uint)sends), $"seed {seed}, step {step}");
            var takes = random.Next(0, unread + 1);
            unread -= takes;
            window.Consume(takes);
            if (random.Next(2) == 0)
            {
                underWay.Enqueue((window.Report(step * 50_000L, random.Next(0, 100_000), mayGrow: true), window.Size));
            }

            Assert.True(window.Outstanding <= outstanding, $"seed {seed}, step {step}");
            Assert.InRange(window.Size, Initial, WindowPolicy.LargestWindow);
        }
    }

    private ReceiveWindow Grown()
    {
        var window = new ReceiveWindow(_policy);
        for (long now = 0; now < 100 * RoundTrip; now += RoundTrip)
        {
            ReceiveAndConsume(window, (int)window.Open, now);
        }

        return window;
    }

    private static void ReceiveAndConsume(ReceiveWindow window, int count, long now, bool mayGrow = true)
    {
        Assert.True(window.TryReceive((uint)count));
        window.Consume(count);
        window.Report(now, RoundTrip, mayGrow);
    }
}
