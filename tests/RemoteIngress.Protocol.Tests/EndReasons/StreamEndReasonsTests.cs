using System.Text.RegularExpressions;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Protocol.Tests.EndReasons;

public class StreamEndReasonsTests
{
    private static readonly StreamEndReason[] All = Enum.GetValues<StreamEndReason>();

    [Fact]
    public void Map_EveryReason_HasItsOwnCodeAndTag()
    {
        Assert.Equal(All.Length, All.Select(r => r.WireCode()).Distinct().Count());
        Assert.Equal(All.Length, All.Select(r => r.MetricTag()).Distinct().Count());
        Assert.All(All, r => Assert.Matches(new Regex("^[a-z]+(_[a-z]+)*$"), r.MetricTag()));
    }

    [Fact]
    public void FromWire_EveryReasonButCompleted_RoundTrips() =>
        Assert.All(All.Where(r => r != StreamEndReason.Completed), r => Assert.Equal(r, StreamEndReasons.FromWire(r.WireCode())));

    [Theory]
    [InlineData(0u)]
    [InlineData(999u)]
    [InlineData(uint.MaxValue)]
    public void FromWire_CodeThatNamesNoAbort_IsPeerReset(uint code) =>
        Assert.Equal(StreamEndReason.PeerReset, StreamEndReasons.FromWire(code));

    [Fact]
    public void IsMovable_OnlyWhatSaysThatTheTargetWasNotReached()
    {
        StreamEndReason[] expected =
        [
            StreamEndReason.TargetRefused, StreamEndReason.TargetTimeout, StreamEndReason.TargetUnreachable,
            StreamEndReason.TargetUnresolved, StreamEndReason.LimitReached, StreamEndReason.Shutdown,
        ];
        Assert.Equal(expected, All.Where(r => r.IsMovable()));
    }

    [Fact]
    public void Map_ValueThatIsNoReason_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ((StreamEndReason)999).WireCode());
}
