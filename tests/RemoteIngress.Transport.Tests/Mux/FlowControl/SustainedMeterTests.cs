using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Tests.Mux.FlowControl;

public sealed class SustainedMeterTests
{
    private const long Second = 1_000_000;

    [Theory]
    [InlineData(2_400_000, false)]
    [InlineData(2_600_000, true)]
    public void Add_TenSecondsAtARate_IsJudgedByTwentyMegabit(int bytesPerSecond, bool sustained)
    {
        var meter = new SustainedMeter();
        Run(meter, 5 * Second, 10, bytesPerSecond);
        Assert.False(meter.IsSustained);

        meter.Add(1, 15 * Second);

        Assert.Equal(sustained, meter.IsSustained);
    }

    [Fact]
    public void Add_CalmsDown_BecomesNormalAgain()
    {
        var meter = new SustainedMeter();
        Run(meter, 0, 11, 10_000_000);
        Assert.True(meter.IsSustained);

        Run(meter, 11 * Second, 10, 1000);

        Assert.False(meter.IsSustained);
    }

    [Fact]
    public void Add_BurstsWithLongPauses_AreNotSustained()
    {
        var meter = new SustainedMeter();
        for (var i = 0; i < 5; i++)
        {
            meter.Add(60_000_000, i * 60 * Second);
            Assert.False(meter.IsSustained);
        }
    }

    private static void Run(SustainedMeter meter, long start, int seconds, int bytesPerSecond)
    {
        for (var i = 0; i < seconds; i++)
        {
            meter.Add(bytesPerSecond, start + (i * Second));
        }
    }
}
