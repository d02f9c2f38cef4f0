using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Transport.Tests.Tunnels;

public sealed class TunnelCoreControlTests
{
    private readonly CorePair _pair = CorePair.Authenticated();

    [Fact]
    public void Advance_PingDue_IsAnsweredAndMeasured()
    {
        _pair.Edge.Core.Advance(0);
        _pair.FillEdge();
        _pair.DeliverToHub();
        _pair.FillHub();
        _pair.Now = 7000;
        _pair.DeliverToEdge();

        Assert.Equal(7000, _pair.Edge.Core.RoundTrip);
        Assert.False(_pair.Edge.Core.Liveness.IsAwaitingPong);
    }

    [Fact]
    public void Ping_IsEchoedAheadOfData()
    {
        var client = _pair.Edge.Open();
        _pair.Pump();
        client.Send(100_000);
        _pair.ToHub.Drop();
        _pair.Edge.Core.Receive(FrameBytes.Of(0, FrameType.Ping, 8, 7, 6, 5, 4, 3, 2, 1), 0);
        var before = _pair.ToHub.Everything.Length;
        _pair.FillEdge();

        var pong = FrameBytes.Parse(_pair.ToHub.Everything.AsSpan(before))[0];
        Assert.Equal(FrameType.Pong, pong.Type);
        Assert.Equal([8, 7, 6, 5, 4, 3, 2, 1], pong.Payload);
    }

    [Fact]
    public void Advance_SilentPeer_ClosesAfterFifteenSeconds()
    {
        var client = _pair.Edge.Open();
        foreach (var second in new[] { 0, 5, 10 })
        {
            _pair.Edge.Core.Advance(second * 1_000_000);
            Assert.Empty(_pair.Edge.Closed);
        }

        _pair.Edge.Core.Advance(15_000_000);

        Assert.Equal(TunnelEndReason.PeerSilent, Assert.Single(_pair.Edge.Closed).Reason);
        Assert.Equal(StreamEndReason.TunnelLost, client.ResetReason);
    }

    [Theory]
    [InlineData(FrameType.Config)]
    public void Send_ControlOfTheOwner_ArrivesWhole(FrameType type)
    {
        var payload = new byte[3_000_000];
        Pattern.Fill(5, 0, payload);
        _pair.Hub.Core.Send(type, payload);
        _pair.Pump();

        var received = Assert.Single(_pair.Edge.Controls);
        Assert.Equal((type, -1, payload.Length), (received.Type, Pattern.Mismatch(5, 0, received.Payload), received.Payload.Length));
    }

    [Fact]
    public void Reject_AfterAuthentication_CarriesCodeTextAndPause()
    {
        var reject = new Reject { Code = RejectCode.Busy, Message = "no room", RetryAfterSeconds = 30 };
        _pair.Edge.Core.Receive(FrameBytes.Of(0, FrameType.Reject, ControlCodec.Encode(reject)), 0);

        Assert.Equal((TunnelEndReason.Busy, "no room"), Assert.Single(_pair.Edge.Closed));
        Assert.Equal(TimeSpan.FromSeconds(30), _pair.Edge.Core.RetryAfter);
    }

    [Fact]
    public void Close_HubFindsAViolation_EdgeIsToldBeforeTheEnd()
    {
        _pair.Hub.Core.Receive(FrameBytes.Of(5, FrameType.Data, 1), 0);
        _pair.Pump();

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(_pair.Edge.Closed).Reason);
    }

    [Fact]
    public void Close_WithoutARejectCode_SaysWhyByGoAway()
    {
        _pair.Hub.Core.Close(TunnelEndReason.EdgeRemoved, "test");
        _pair.Pump();

        Assert.Equal(["edge_removed"], _pair.Edge.GoAways);
    }

    [Fact]
    public void Close_NothingIsParsedOrSentAfterIt()
    {
        _pair.Hub.Core.Close(TunnelEndReason.Replaced, "test");
        _pair.Hub.Core.Fill(new byte[1024], 0);
        _pair.Hub.Core.Receive(FrameBytes.Of(0, FrameType.Ping, new byte[8]), 0);
        _pair.Hub.Core.Send(FrameType.Config, new byte[10]);
        _pair.Hub.Core.Drain("draining");
        _pair.Hub.Core.Probe();

        Assert.False(_pair.Hub.Core.HasOutput);
    }

    [Fact]
    public void Drain_Twice_IsSaidOnce()
    {
        _pair.Hub.Core.Drain("draining");
        _pair.Hub.Core.Drain("shutdown");
        _pair.Pump();

        Assert.Equal(["draining"], _pair.Edge.GoAways);
    }

    [Fact]
    public void Drain_PeerIsDrainingToo_IsSaidAllTheSame()
    {
        _pair.Edge.Core.Drain("shutdown");
        _pair.Pump();
        _pair.Hub.Core.Drain("draining");
        _pair.Pump();

        Assert.Equal(["draining"], _pair.Edge.GoAways);
        Assert.Equal(["shutdown"], _pair.Hub.GoAways);
    }

    [Theory]
    [InlineData(0, TunnelEndReason.Closed)]
    [InlineData(5, TunnelEndReason.ConnectionLost)]
    [InlineData(12, TunnelEndReason.ConnectionLost)]
    public void OnConnectionEnded_InsideAFrame_IsALoss(int received, TunnelEndReason reason)
    {
        _pair.Hub.Core.Receive(FrameBytes.Of(0, FrameType.Ping, new byte[8]).AsSpan(0, received), 0);

        _pair.Hub.Core.OnConnectionEnded();

        Assert.Equal(reason, Assert.Single(_pair.Hub.Closed).Reason);
    }
}
