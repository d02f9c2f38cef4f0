using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Scram;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Handshake;

namespace RemoteIngress.Transport.Tests.Tunnels;

public sealed class TunnelCoreHandshakeTests
{
    [Fact]
    public void Handshake_RightSecret_BothAreAuthenticatedOnce()
    {
        var pair = new HandshakePair().Run();

        Assert.Equal((1, 1), (pair.Edge.Authenticated, pair.Hub.Authenticated));
        Assert.Equal(("hub-a", "10.0.0.1:8443", 7), (pair.Edge.Welcome!.HubId, Assert.Single(pair.Edge.Welcome.Hubs), pair.Edge.Welcome.HubsVersion));
        Assert.Equal(("edge-1", "i1"), (pair.HubHandshake.Hello!.EdgeId, pair.HubHandshake.Hello.InstanceId));
        Assert.Equal(0, pair.HubHandshake.MatchedVerifier);
        Assert.Empty(pair.Edge.Closed);
        Assert.Empty(pair.Hub.Closed);
    }

    [Fact]
    public void Handshake_DuringARotation_TheOldSecretMatchesTheSecondVerifier()
    {
        var pair = new HandshakePair("old");
        var salt = new byte[16];
        pair.Lookup = EdgeLookup.Found([ScramVerifier.Create("new", salt), ScramVerifier.Create("old", salt)]);
        pair.Run();

        Assert.Equal((1, 1), (pair.Edge.Authenticated, pair.HubHandshake.MatchedVerifier));
    }

    [Fact]
    public void Handshake_WrongSecret_BothSayBadCredentials()
    {
        var pair = new HandshakePair("wrong").Run();

        AssertRejected(pair, TunnelEndReason.BadCredentials);
    }

    [Fact]
    public void Handshake_UnknownEdge_LooksLikeAWrongSecretOnTheWire()
    {
        var wrong = new HandshakePair("wrong", "edge-1").Run();
        var unknown = new HandshakePair("secret", "edge-2").Run();

        AssertRejected(unknown, TunnelEndReason.BadCredentials);
        Assert.Equal(Shape(wrong.Pair.ToEdge), Shape(unknown.Pair.ToEdge));
        Assert.Equal(Shape(wrong.Pair.ToHub), Shape(unknown.Pair.ToHub));
        Assert.Equal(wrong.Edge.Closed, unknown.Edge.Closed);
        Assert.Equal(wrong.Hub.Closed, unknown.Hub.Closed);
    }

    [Fact]
    public void Handshake_OtherChannelBinding_IsRefusedAndOnlyTheHubKnowsWhy()
    {
        var pair = new HandshakePair().Run(hubBinding: new byte[32]);

        AssertRejected(pair, TunnelEndReason.BadCredentials);
        Assert.Contains("certificate", pair.Hub.Closed[0].Detail);
        Assert.DoesNotContain("certificate", pair.Edge.Closed[0].Detail);
    }

    [Fact]
    public void Handshake_HubDoesNotKnowTheSecret_EdgeClosesWithBadHubProof()
    {
        var pair = new HandshakePair();
        var real = ScramVerifier.Create("secret", new byte[16]);
        pair.Lookup = EdgeLookup.Found([real with { ServerKey = new byte[32] }]);
        pair.Run();

        Assert.Equal(0, pair.Edge.Authenticated);
        Assert.Equal(TunnelEndReason.BadHubProof, Assert.Single(pair.Edge.Closed).Reason);
    }

    [Fact]
    public void Handshake_ChallengeWithTooFewIterations_EdgeClosesWithBadHubProof()
    {
        var pair = new HandshakePair();
        pair.Lookup = EdgeLookup.Found([ScramVerifier.Create("secret", new byte[16]) with { Iterations = 1 }]);
        pair.Run();

        Assert.Equal(TunnelEndReason.BadHubProof, Assert.Single(pair.Edge.Closed).Reason);
        Assert.DoesNotContain("Auth", Shape(pair.Pair.ToHub).Select(frame => frame.Type.ToString()));
    }

    [Fact]
    public void Handshake_RegistryUnavailable_EdgeIsTold() =>
        AssertRejected(new HandshakePair { Lookup = EdgeLookup.Unavailable }.Run(), TunnelEndReason.RegistryUnavailable);

    [Fact]
    public void Handshake_OtherVersion_IsRejectedWithText()
    {
        var pair = new HandshakePair();
        pair.Begin();
        pair.Pair.FillEdge();
        var hello = FrameBytes.Parse(pair.Pair.ToHub.Everything)[0];
        Assert.True(ControlCodec.TryDecode<Hello>(hello.Payload, out var message, out _));
        pair.Pair.ToHub.Drop();
        pair.Pair.ToHub.Write(FrameBytes.Of(0, FrameType.Hello, ControlCodec.Encode(message! with { Version = 3 })));
        pair.Pair.Pump();

        AssertRejected(pair, TunnelEndReason.VersionMismatch);
        Assert.Equal(TunnelEndReason.VersionMismatch.Describe(), pair.Edge.Closed[0].Detail);
    }

    [Fact]
    public void Handshake_RegistryAnswersLate_GoesOnThen()
    {
        var pair = new HandshakePair();
        var lookup = pair.Lookup!;
        pair.Lookup = null;
        pair.Run();
        Assert.Equal(0, pair.Edge.Authenticated);

        pair.HubHandshake.Answer(lookup);
        pair.Pair.Pump();

        Assert.Equal((1, 1), (pair.Edge.Authenticated, pair.Hub.Authenticated));
    }

    [Fact]
    public void Answer_AfterTheTunnelClosed_DoesNothing()
    {
        var pair = new HandshakePair();
        var lookup = pair.Lookup!;
        pair.Lookup = null;
        pair.Run();
        pair.Hub.Core.Close(TunnelEndReason.ConnectionLost, "test");

        pair.HubHandshake.Answer(lookup);
        pair.HubHandshake.Answer(EdgeLookup.Unavailable);

        Assert.Equal(TunnelEndReason.ConnectionLost, Assert.Single(pair.Hub.Closed).Reason);
    }

    // Number 0 is no type of this protocol; it must not pass for "nothing is expected".
    [Theory]
    [InlineData((FrameType)0)]
    [InlineData(FrameType.Auth)]
    [InlineData(FrameType.Hello)]
    public void Hub_FrameWhileTheRegistryIsAsked_ClosesWithProtocolError(FrameType type)
    {
        var pair = new HandshakePair { Lookup = null }.Run();

        pair.Hub.Core.Receive(FrameBytes.Of(0, type, """{"scram":"x"}"""u8), 0);

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(pair.Hub.Closed).Reason);
    }

    [Theory]
    [InlineData(0, FrameType.Auth, 10)]
    [InlineData(0, FrameType.Ping, 8)]
    [InlineData(0, FrameType.Status, 2)]
    [InlineData(0, FrameType.Reject, 2)]
    [InlineData(0, FrameType.GoAway, 2)]
    [InlineData(0, (FrameType)0x70, 2)]
    [InlineData(0, (FrameType)0, 2)]
    [InlineData(1, FrameType.Open, 15)]
    [InlineData(1, FrameType.Data, 1)]
    [InlineData(1, FrameType.Hello, 100)]
    [InlineData(0, FrameType.Hello, 100)] // not JSON
    public void Hub_AnythingButAGoodHelloFirst_ClosesWithProtocolError(uint stream, FrameType type, int length)
    {
        var pair = new HandshakePair();
        pair.Hub.Core.Begin(pair.HubHandshake, HandshakePair.Binding, 0);

        pair.Hub.Core.Receive(FrameBytes.Of(stream, type, new byte[length]), 0);

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(pair.Hub.Closed).Reason);
    }

    [Theory]
    [InlineData(FrameType.Welcome)]
    [InlineData(FrameType.Config)]
    [InlineData(FrameType.Ping)]
    [InlineData(FrameType.Opened)]
    public void Edge_WrongFrameBeforeAuthentication_ClosesWithProtocolError(FrameType type)
    {
        var pair = new HandshakePair();
        pair.Edge.Core.Begin(pair.EdgeHandshake, HandshakePair.Binding, 0);

        pair.Edge.Core.Receive(FrameBytes.Of(0, type, new byte[8]), 0);

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(pair.Edge.Closed).Reason);
    }

    [Fact]
    public void Hub_MoreThanFourKibibytesBeforeAuthentication_ClosesAtTheHeader()
    {
        var pair = new HandshakePair();
        pair.Hub.Core.Begin(pair.HubHandshake, HandshakePair.Binding, 0);

        pair.Hub.Core.Receive(FrameBytes.Of(0, FrameType.Hello, new byte[4096]).AsSpan(0, FrameHeader.Size), 0);

        Assert.Equal(TunnelEndReason.PreAuthLimit, Assert.Single(pair.Hub.Closed).Reason);
    }

    [Fact]
    public void Hub_HelloAndAuthTogetherBeyondTheLimit_AreRefused()
    {
        var pair = new HandshakePair();
        pair.Begin();
        pair.Pair.FillEdge();
        var hello = FrameBytes.Parse(pair.Pair.ToHub.Everything)[0].Payload;
        var padding = new byte[3950 - hello.Length];
        Array.Fill(padding, (byte)' ');
        pair.Pair.ToHub.Drop();
        pair.Pair.ToHub.Write(FrameBytes.Of(0, FrameType.Hello, [.. hello, .. padding]));
        pair.Pair.Pump();

        Assert.Equal(TunnelEndReason.PreAuthLimit, Assert.Single(pair.Hub.Closed).Reason);
        Assert.Equal(0, pair.Hub.Authenticated);
    }

    [Fact]
    public void Advance_NotAuthenticatedInTime_BothGiveUp()
    {
        var pair = new HandshakePair { Lookup = null }.Run();
        Assert.Equal(10_000_000, pair.Hub.Core.NextDeadline);
        pair.Hub.Core.Advance(9_999_999);
        Assert.Empty(pair.Hub.Closed);

        pair.Hub.Core.Advance(10_000_000);
        pair.Pair.Pump();

        AssertRejected(pair, TunnelEndReason.HandshakeTimeout);
        Assert.Equal(long.MaxValue, pair.Hub.Core.NextDeadline);
    }

    [Fact]
    public void Close_Twice_TheFirstReasonWins()
    {
        var pair = new HandshakePair().Run();
        pair.Hub.Core.Close(TunnelEndReason.Replaced, "first");
        pair.Hub.Core.Close(TunnelEndReason.ProtocolError, "second");

        Assert.Equal((TunnelEndReason.Replaced, "first"), Assert.Single(pair.Hub.Closed));
        Assert.Equal(TunnelEndReason.Replaced, pair.Hub.Core.EndReason);
    }

    private static void AssertRejected(HandshakePair pair, TunnelEndReason reason)
    {
        Assert.Equal((0, 0), (pair.Edge.Authenticated, pair.Hub.Authenticated));
        Assert.Equal(reason, Assert.Single(pair.Hub.Closed).Reason);
        Assert.Equal(reason, Assert.Single(pair.Edge.Closed).Reason);
        Assert.Equal(FrameType.Reject, FrameBytes.Parse(pair.Pair.ToEdge.Everything)[^1].Type);
    }

    private static List<(FrameType Type, int Length)> Shape(Wire wire) =>
        [.. FrameBytes.Parse(wire.Everything).Select(frame => (frame.Type, frame.Payload.Length))];
}
