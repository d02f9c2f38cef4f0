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
    public void Consume_LessThanAQuarter_IsHeldBack()
    {
        var window = new ReceiveWindow(_policy);
        window.TryReceive(Initial);

        Assert.Equal(0, window.Consume((Initial / 4) - 1, 0, RoundTrip));
        Assert.Equal(Initial / 4, window.Consume(1, 0, RoundTrip));
        Assert.Equal(Initial / 4, window.Open);
    }

    [Fact]
    public void Consume_AWindowPerRoundTrip_GrowsToTheCap()
    {
        var window = new ReceiveWindow(_policy);
        for (long now = 0; now < 100 * RoundTrip; now += RoundTrip)
        {
            ReceiveAndConsume(window, window.Open, now);
        }

        Assert.Equal(WindowPolicy.LargestWindow, window.Size);
        Assert.Equal(window.Size, _policy.Granted);
    }

    [Fact]
    public void Consume_SlowReaderInPiecesAtOneMoment_DoesNotGrow()
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
    public void Consume_AWindowPerRoundTripInPiecesAtOneMoment_Grows()
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
    public void Consume_SlowReader_DoesNotGrow()
    {
        var window = new ReceiveWindow(_policy);
        for (long now = 0; now < 1000 * RoundTrip; now += 10 * RoundTrip)
        {
            ReceiveAndConsume(window, window.Open, now);
        }

        Assert.Equal(Initial, window.Size);
    }

    [Fact]
    public void Consume_RoundTripNotMeasuredYet_DoesNotGrow()
    {
        var window = new ReceiveWindow(_policy);
        for (var now = 0; now < 100; now++)
        {
            window.TryReceive((uint)window.Open);
            window.Consume(Initial, now, roundTripMicroseconds: 0);
        }

        Assert.Equal(Initial, window.Size);
    }

    [Fact]
    public void Consume_CapFell_KeepsCreditBackUntilItFits()
    {
        var window = new ReceiveWindow(_policy);
        for (long now = 0; window.Size < WindowPolicy.LargestWindow; now += RoundTrip)
        {
            ReceiveAndConsume(window, window.Open, now);
        }

        for (var i = 0; i < 300; i++)
        {
            _policy.Add();
        }

        for (var i = 0; i < 20; i++)
        {
            var open = window.Open;
            ReceiveAndConsume(window, open, 1_000_000_000 + i);
            Assert.True(window.Size >= WindowPolicy.ReducedWindow);
        }

        Assert.Equal(WindowPolicy.ReducedWindow, window.Size);
    }

    [Fact]
    public void ReceiveAndConsume_AtRandom_OpenUnreadAndKeptAlwaysSumUpToTheSize()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            RunAtRandom(seed);
        }
    }

    private static void RunAtRandom(int seed)
    {
        var random = new Random(seed);
        var policy = new WindowPolicy();
        policy.Add();
        var window = new ReceiveWindow(policy);
        long now = 0;
        int unread = 0, kept = 0;
        for (var step = 0; step < 500; step++)
        {
            now += random.Next(0, 200_000);
            if (random.Next(20) == 0)
            {
                policy.Add();
            }

            var arrives = random.Next(0, window.Open + 1);
            Assert.True(window.TryReceive((uint)arrives));
            unread += arrives;
            var consumed = random.Next(0, unread + 1);
            unread -= consumed;
            var (before, open) = (window.Size, window.Open);
            var credit = window.Consume(consumed, now, random.Next(0, 100_000));
            var settled = window.Size != before || credit > 0;
            kept = settled ? 0 : kept + consumed;
            Assert.True(window.Open == open + credit, $"seed {seed}, step {step}");
            Assert.True(window.Open + unread + kept == window.Size, $"seed {seed}, step {step}");
            Assert.True(window.Size <= WindowPolicy.LargestWindow, $"seed {seed}, step {step}");
        }
    }

    private static void ReceiveAndConsume(ReceiveWindow window, int count, long now)
    {
        Assert.True(window.TryReceive((uint)count));
        window.Consume(count, now, RoundTrip);
    }
}
