using System.Text.RegularExpressions;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Protocol.Tests.EndReasons;

public class TunnelEndReasonsTests
{
    private static readonly TunnelEndReason[] All = Enum.GetValues<TunnelEndReason>();

    [Fact]
    public void Map_EveryReason_HasTagSeverityAndOneSentence()
    {
        Assert.Equal(All.Length, All.Select(r => r.MetricTag()).Distinct().Count());
        Assert.All(All, r =>
        {
            Assert.Matches(new Regex("^[a-z]+(_[a-z]+)*$"), r.MetricTag());
            Assert.True(Enum.IsDefined(r.Severity()));
            Assert.EndsWith(".", r.Describe(), StringComparison.Ordinal);
            Assert.DoesNotContain('\n', r.Describe());
        });
    }

    [Fact]
    public void RejectCodes_EveryCode_RoundTripsThroughItsReason() =>
        Assert.All(Enum.GetValues<RejectCode>(), c => Assert.Equal(c, TunnelEndReasons.FromRejectCode(c).ToRejectCode()));

    [Theory]
    [InlineData(TunnelEndReason.PreAuthLimit, RejectCode.ProtocolError)]
    [InlineData(TunnelEndReason.Shutdown, RejectCode.Draining)]
    public void ToRejectCode_ReasonWithoutCodeOfItsOwn_TakesTheNearest(TunnelEndReason reason, RejectCode code) =>
        Assert.Equal(code, reason.ToRejectCode());

    [Fact]
    public void ToRejectCode_ReasonOfTheEdge_IsNull() => Assert.Null(TunnelEndReason.BadHubProof.ToRejectCode());

    [Fact]
    public void FromGoAway_EveryReasonButNone_RoundTrips() =>
        Assert.All(All.Where(r => r != TunnelEndReason.None), r => Assert.Equal(r, TunnelEndReasons.FromGoAway(r.MetricTag())));

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("something_new")]
    public void FromGoAway_UnknownText_IsClosed(string text) =>
        Assert.Equal(TunnelEndReason.Closed, TunnelEndReasons.FromGoAway(text));

    [Fact]
    public void Map_ValueThatIsNoReason_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ((TunnelEndReason)999).Describe());
}
