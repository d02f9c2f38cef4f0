using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Protocol.Tests.Frames;

public class FrameLimitsTests
{
    public static TheoryData<FrameType> KnownTypes => [.. Enum.GetValues<FrameType>()];

    [Fact]
    public void IsKnown_EveryByte_IsWhatTheEnumNames()
    {
        for (var number = 0; number <= byte.MaxValue; number++)
        {
            var type = (FrameType)number;
            Assert.Equal(Enum.IsDefined(type), FrameLimits.IsKnown(type));
        }
    }

    [Theory]
    [MemberData(nameof(KnownTypes))]
    public void Limits_KnownType_AreConsistent(FrameType type)
    {
        Assert.True(FrameLimits.MinLength(type) <= FrameLimits.MaxLength(type));
        Assert.True(FrameLimits.MayComeFrom(type, PeerRole.Edge) || FrameLimits.MayComeFrom(type, PeerRole.Hub));
    }

    [Fact]
    public void Limits_UnknownType_IsSkippable()
    {
        var type = (FrameType)0xEE;
        Assert.Equal((uint)FrameLimits.MaxUnknown, FrameLimits.MaxLength(type));
        Assert.Equal(0u, FrameLimits.MinLength(type));
        Assert.False(FrameLimits.IsControl(type));
        Assert.True(FrameLimits.MayComeFrom(type, PeerRole.Edge) && FrameLimits.MayComeFrom(type, PeerRole.Hub));
    }

    [Fact]
    public void HandshakeMessagesBeforeAuthentication_FitThePreAuthLimit()
    {
        foreach (var type in new[] { FrameType.Hello, FrameType.Challenge, FrameType.Auth, FrameType.Reject })
        {
            Assert.True(FrameLimits.MaxLength(type) <= FrameLimits.PreAuthBytes);
        }
    }
}
