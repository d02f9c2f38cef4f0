using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Tests.Mux.FlowControl;

public sealed class SendBudgetTests
{
    private const int KiB = 1024;
    private const int MiB = 1024 * KiB;
    private readonly SendBudget _budget = new() { Total = 64 * MiB };

    [Fact]
    public void Allowance_BelowHalf_IsTheWindow()
    {
        var (stream, other) = (NewStream(1), NewStream(2));
        other.SendWindow = 32 * MiB;
        _budget.Spend(other, (32 * MiB) - 1);

        Assert.Equal(WindowPolicy.InitialWindow, _budget.Allowance(stream));
    }

    [Fact]
    public void Allowance_FromHalfOn_IsAShareOfWhatIsLeft()
    {
        var (stream, other) = (NewStream(1), NewStream(2));
        other.SendWindow = 64 * MiB;
        _budget.Spend(other, 32 * MiB);
        Assert.Equal(64 * KiB, _budget.Allowance(stream));

        _budget.Spend(stream, 60 * KiB);
        Assert.Equal(0, _budget.Allowance(stream)); // a piece too small to be worth a frame
        _budget.Spend(other, 30 * MiB);
        Assert.Equal(16 * KiB, _budget.Allowance(NewStream(3)));
        _budget.Spend(other, (2 * MiB) - (61 * KiB));
        Assert.Equal(0, _budget.Allowance(NewStream(3)));
    }

    [Theory]
    [InlineData(1000, FrameLimits.DefaultBuffer)]
    [InlineData(65_536, FrameLimits.DefaultBuffer)]
    [InlineData(65_536, FrameLimits.MinBuffer)]
    public void Allowance_StalledStreamsThatTakeAllTheyGet_NeverPassTheBudget(int streams, long total)
    {
        var budget = new SendBudget { Total = total };
        for (var i = 0; i < streams; i++)
        {
            var stream = NewStream((uint)i + 1);
            for (int allowance; (allowance = Math.Min(FrameLimits.MaxData, budget.Allowance(stream))) > 0;)
            {
                budget.Spend(stream, allowance);
            }
        }

        Assert.InRange(budget.Outstanding, total / 2, total);
        Assert.True(streams > 1000 || budget.Allowance(NewStream(uint.MaxValue)) >= SendBudget.SmallestShare, "nothing is left for a new stream");
    }

    [Fact]
    public void Restore_StreamMayGoOn_LeastOutstandingWakesFirstAndNobodyInVain()
    {
        var budget = new SendBudget { Total = 64 * MiB };
        var filler = NewStream(1);
        filler.SendWindow = 64 * MiB;
        budget.Spend(filler, 63 * MiB);
        var streams = new[] { 40, 20, 30, 20 }.Select((kib, i) => Parked(budget, (uint)i + 2, kib * KiB)).ToArray();
        Assert.Equal(4, budget.Parked);
        Assert.False(budget.CanWake);

        // 16 MiB left: a share of 32 KiB
        budget.Restore(filler, (int)(budget.Outstanding - (48 * MiB)));
        Assert.Same(streams[1], budget.Wake());
        Assert.Same(streams[3], budget.Wake());
        Assert.Null(budget.Wake());

        budget.Restore(filler, 20 * MiB);
        Assert.Same(streams[2], budget.Wake());
        Assert.Same(streams[0], budget.Wake());
        Assert.Equal(0, budget.Parked);
    }

    [Fact]
    public void Park_AtRandom_WakesInOrderAndForgetsWhoLeft()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            ParkAtRandom(seed);
        }
    }

    private static void ParkAtRandom(int seed)
    {
        var random = new Random(seed);
        var parked = new ParkedStreams();
        var model = new List<MuxStream>();
        for (var step = 0; step < 300; step++)
        {
            if (model.Count == 0 || random.Next(2) == 0)
            {
                var stream = NewStream((uint)step + 1);
                stream.Outstanding = random.Next(20);
                parked.Add(stream);
                parked.Add(stream);
                model.Add(stream);
            }
            else
            {
                var leaves = random.Next(2) == 0 ? parked.First! : model[random.Next(model.Count)];
                parked.Remove(leaves);
                parked.Remove(leaves);
                model.Remove(leaves);
            }

            Assert.Equal(model.Count, parked.Count);
            Assert.Same(model.OrderBy(stream => stream.Outstanding).ThenBy(stream => stream.Id).FirstOrDefault(), parked.First);
        }
    }

    private static MuxStream Parked(SendBudget budget, uint id, int outstanding)
    {
        var stream = NewStream(id);
        budget.Spend(stream, outstanding);
        budget.Park(stream);
        return stream;
    }

    private static MuxStream NewStream(uint id) => new(null!, id, new WindowPolicy());
}
