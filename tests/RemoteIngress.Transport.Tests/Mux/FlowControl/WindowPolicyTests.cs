using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Tests.Mux.FlowControl;

public sealed class WindowPolicyTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public void Constants_AreThoseOfTheProtocol()
    {
        Assert.Equal(FrameLimits.InitialWindow, WindowPolicy.InitialWindow);
        Assert.Equal(FrameLimits.MaxWindow, WindowPolicy.LargestWindow);
    }

    [Theory]
    [InlineData(1, 4 * MiB)]
    [InlineData(50, 4 * MiB)]
    [InlineData(125, (4 * MiB) - (3 * MiB / 2))]
    [InlineData(200, MiB)]
    [InlineData(10_000, MiB)]
    public void Cap_ManyStreams_ScalesDown(int streams, int cap) => Assert.Equal(cap, WithStreams(streams).Cap);

    [Fact]
    public void Cap_NeverRisesWithMoreStreams()
    {
        var policy = WithStreams(1);
        for (var last = policy.Cap; policy.Streams < 300; last = policy.Cap)
        {
            policy.Add();
            Assert.InRange(policy.Cap, MiB, last);
        }
    }

    [Fact]
    public void Target_NotTheLimit_DoesNotGrow() => Assert.Equal(MiB, WithStreams(1).Target(MiB, false, isTheLimit: false));

    [Fact]
    public void Target_TheLimit_DoublesUpToTheCap()
    {
        var policy = WithStreams(1);
        Assert.Equal(2 * MiB, policy.Target(MiB, false, isTheLimit: true));
        Assert.Equal(4 * MiB, policy.Target(3 * MiB, false, isTheLimit: true));
        Assert.Equal(4 * MiB, policy.Target(4 * MiB, false, isTheLimit: true));
    }

    [Fact]
    public void Target_Sustained_IsLockedToOneMebibyte()
    {
        var policy = WithStreams(1);
        Assert.Equal(MiB, policy.Target(4 * MiB, true, isTheLimit: true));
        Assert.Equal(MiB, policy.Target(768 * 1024, true, isTheLimit: true));
    }

    [Fact]
    public void Target_CapFell_Shrinks() => Assert.Equal(MiB, WithStreams(200).Target(4 * MiB, false, isTheLimit: false));

    private static WindowPolicy WithStreams(int count)
    {
        var policy = new WindowPolicy();
        for (var i = 0; i < count; i++)
        {
            policy.Add();
        }

        return policy;
    }
}
