using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Transport.Tests.Mux;

public sealed class MultiplexerTests
{
    private readonly CorePair _pair = CorePair.Authenticated();

    [Fact]
    public void Data_BothWays_ArrivesOnceAndInOrder()
    {
        var client = _pair.Edge.Open();
        client.Send(3_000_000);
        _pair.Pump();
        var target = Target();
        target.Stream.Opened();
        target.Send(5_000_000);
        _pair.Pump();

        Assert.Equal((3_000_000, 5_000_000), (target.Received, client.Received));
        Assert.Equal((-1, -1), (target.Corrupt, client.Corrupt));
    }

    [Fact]
    public void End_EdgeThenHub_EndsTheStreamOnBothSides()
    {
        var client = _pair.Edge.Open();
        client.Send(10, end: true);
        _pair.Pump();
        Assert.Equal((1, 0), (Target().EndCalls, client.EndCalls));
        Assert.Equal(1, _pair.Edge.Core.Mux.StreamCount);

        Target().Stream.Opened();
        Target().Send(1_000_000, end: true);
        _pair.Pump();

        Assert.Equal(1, client.EndCalls);
        Assert.Equal(1_000_000, client.Received);
        Assert.Equal((0, 0), (_pair.Edge.Core.Mux.StreamCount, _pair.Hub.Core.Mux.StreamCount));
        Assert.Null(client.ResetReason);
        Assert.Null(Target().ResetReason);
    }

    [Fact]
    public void End_HubFirst_EdgeMayGoOnSending()
    {
        var client = _pair.Edge.Open();
        _pair.Pump();
        Target().Stream.Opened();
        Target().Send(0, end: true);
        _pair.Pump();
        client.Send(2_000_000, end: true);
        _pair.Pump();

        Assert.Equal(2_000_000, Target().Received);
        Assert.Equal((0, 0), (_pair.Edge.Core.Mux.StreamCount, _pair.Hub.Core.Mux.StreamCount));
    }

    [Theory]
    [InlineData(StreamEndReason.TargetRefused)]
    [InlineData(StreamEndReason.LimitReached)]
    [InlineData(StreamEndReason.PeerReset)]
    public void Reset_ByTheHub_TellsTheClientWhy(StreamEndReason reason)
    {
        var client = _pair.Edge.Open();
        _pair.Pump();
        _pair.Hub.Opened[0].Reset(reason);
        _pair.Pump();

        Assert.Equal(reason, client.ResetReason);
        Assert.Null(Target().ResetReason);
        Assert.Equal((0, 0), (_pair.Edge.Core.Mux.StreamCount, _pair.Hub.Core.Mux.StreamCount));
    }

    [Fact]
    public void Reset_CrossingOnTheWire_IsNoError()
    {
        var client = _pair.Edge.Open();
        client.Send(100_000);
        _pair.Pump();
        Target().Stream.Opened();
        Target().Send(100_000);
        client.Send(100_000);
        _pair.FillEdge();
        _pair.FillHub();
        client.Stream.Reset(StreamEndReason.PeerReset);
        _pair.Hub.Opened[0].Reset(StreamEndReason.PeerReset);
        _pair.Pump();

        Assert.Empty(_pair.Edge.Closed);
        Assert.Empty(_pair.Hub.Closed);
    }

    [Fact]
    public void Opened_IsToldOnce()
    {
        var client = _pair.Edge.Open();
        _pair.Pump();
        _pair.Hub.Opened[0].Opened();
        _pair.Hub.Opened[0].Opened();
        _pair.Pump();

        Assert.Equal(1, client.OpenedCalls);
        Assert.True(client.Stream.IsOpened);
    }

    [Fact]
    public void Credit_ReaderThatDoesNotConsume_StopsTheSenderAtTheWindow()
    {
        _pair.Hub.OpenHandler = stream => stream.Peer = new ScriptedPeer(2, 1) { Stream = stream, ConsumesAtOnce = false };
        var client = _pair.Edge.Open();
        client.Send(10_000_000);
        _pair.Pump();
        Assert.Equal(FrameLimits.InitialWindow, Target().Received);

        Target().Consume((FrameLimits.InitialWindow / 4) - 1);
        _pair.Pump();
        Assert.Equal(FrameLimits.InitialWindow, Target().Received);

        Target().Consume(1);
        _pair.Pump();
        Assert.Equal(FrameLimits.InitialWindow * 5 / 4, Target().Received);
    }

    [Fact]
    public void Credit_OneStreamStalled_OthersGoOn()
    {
        _pair.Hub.OpenHandler = stream => stream.Peer = new ScriptedPeer(2, 1) { Stream = stream, ConsumesAtOnce = stream.Id != 1 };
        var (stalled, other) = (_pair.Edge.Open(), _pair.Edge.Open());
        stalled.Send(5_000_000);
        other.Send(5_000_000);
        _pair.Pump();

        Assert.Equal(FrameLimits.InitialWindow, _pair.Hub.PeerOf(_pair.Hub.Opened[0]).Received);
        Assert.Equal(5_000_000, _pair.Hub.PeerOf(_pair.Hub.Opened[1]).Received);
    }

    [Fact]
    public void TryOpen_TunnelIsFull_GivesNothing()
    {
        var pair = CorePair.Authenticated(TunnelOptions.Default with { MaxStreams = 2 });
        pair.Edge.Open();
        var second = pair.Edge.Open();
        Assert.Null(pair.Edge.Core.Mux.TryOpen("PROXY UNKNOWN\r\n"u8, new ScriptedPeer(1, 2)));

        second.Stream.Reset(StreamEndReason.PeerReset);
        pair.Edge.Open();
        pair.Pump();

        Assert.Equal(2, pair.Hub.Core.Mux.StreamCount);
        Assert.Empty(pair.Hub.Closed);
    }

    [Fact]
    public void Open_BeyondTheHubsLimit_IsResetAndNotCounted()
    {
        var hub = new CoreEnd(PeerRole.Hub, TunnelOptions.Default with { MaxStreams = 1 });
        hub.Core.Begin(new InstantHandshake(hub.Core), default, 0);
        hub.Core.Receive(FrameBytes.Of(1, FrameType.Open, "PROXY UNKNOWN\r\n"u8), 0);
        hub.Core.Receive(FrameBytes.Of(2, FrameType.Open, "PROXY UNKNOWN\r\n"u8), 0);

        var reset = Assert.Single(Output(hub));
        Assert.Equal((2u, FrameType.Reset, StreamEndReason.LimitReached), (reset.Stream, reset.Type, StreamEndReasons.FromWire(reset.Number)));
        Assert.Single(hub.Opened);
    }

    [Fact]
    public void Open_ThatCrossesGoAway_IsTakenWithItsBytes()
    {
        _pair.Hub.Core.Drain("draining");
        var crossing = _pair.Edge.Open();
        crossing.Send(1000, end: true);

        _pair.Pump();

        Assert.False(_pair.Hub.Core.TakesCrossing);
        Assert.Null(crossing.ResetReason);
        Assert.Equal(1000, Target().Received);
    }

    [Theory]
    [InlineData(1_999_999, true)]
    [InlineData(2_000_000, false)]
    public void Open_AfterGoAwayThatThePeerDoesNotAnswer_IsTakenForTwoSeconds(long later, bool isTaken)
    {
        _pair.Hub.Core.Drain("draining");
        Assert.True(_pair.Hub.Core.NextDeadline <= 2_000_000);
        _pair.Hub.Core.Advance(later);

        Assert.Equal(isTaken, _pair.Hub.Core.TakesCrossing);
        Assert.Equal(isTaken, !_pair.Hub.Core.Mux.RefusesStreams);
    }

    [Fact]
    public void Open_AfterGoAway_IsResetWithShutdownAndOldStreamsFinish()
    {
        var old = _pair.Edge.Open();
        _pair.Pump();
        _pair.Hub.Core.Drain("draining");
        _pair.Pump();
        var late = _pair.Edge.Open();
        _pair.Pump();
        old.Send(1000, end: true);
        Target().Stream.Opened();
        Target().Send(1000, end: true);
        _pair.Pump();

        Assert.Equal(StreamEndReason.Shutdown, late.ResetReason);
        Assert.Equal(["draining"], _pair.Edge.GoAways);
        Assert.True(_pair.Edge.Core.IsDraining && _pair.Hub.Core.IsDraining);
        Assert.Equal((1000, 0), (old.Received, _pair.Edge.Core.Mux.StreamCount));
    }

    [Fact]
    public void TryOpen_IdsWrapAround_SkipsTheControlStream()
    {
        var datagrams = new DatagramSessions(FrameType.UdpData, new DatagramCounts(), maxQueuedBytes: 1024 * 1024);
        using var mux = new Multiplexer(PeerRole.Edge, _pair.Edge.Core, maxStreams: 10, _pair.Edge.Core.Mux.Holdings, datagrams, lastId: uint.MaxValue - 1);
        var peer = new ScriptedPeer(1, 2);
        var last = mux.TryOpen([], peer)!;
        var first = mux.TryOpen([], peer)!;

        Assert.Equal((uint.MaxValue, 1u), (last.Id, first.Id));
    }

    [Fact]
    public void Open_IdsWrapAround_AreTakenAndLateFramesIgnored()
    {
        var hub = _pair.Hub;
        foreach (var id in new[] { uint.MaxValue - 1, uint.MaxValue, 1u, 2u })
        {
            hub.Core.Receive(FrameBytes.Of(id, FrameType.Open, "PROXY UNKNOWN\r\n"u8), 0);
        }

        hub.Opened[0].Reset(StreamEndReason.TargetRefused);
        hub.Core.Receive(FrameBytes.Of(uint.MaxValue - 1, FrameType.Data, 1), 0);

        Assert.Empty(hub.Closed);
        Assert.Equal(3, hub.Core.Mux.StreamCount);
    }

    [Fact]
    public void Fill_BatchSmallerThanTheControlFrames_CutsThemAndLosesNothing()
    {
        var client = _pair.Edge.Open();
        _pair.Pump();
        for (var i = 0; i < 100; i++)
        {
            _pair.Edge.Core.Send(FrameType.Status, new byte[50]);
        }

        client.Send(100_000);
        while (_pair.Edge.Core.HasOutput)
        {
            _pair.FillEdge(room: 4500);
            _pair.DeliverToHub();
        }

        Assert.Equal(100, _pair.Hub.Controls.Count);
        Assert.Equal((100_000, -1), (Target().Received, Target().Corrupt));
    }

    [Fact]
    public void Relay_SteadyState_AllocatesNothing()
    {
        var client = _pair.Edge.Open();
        _pair.Pump();
        var batch = new byte[256 * 1024];

        Assert.Equal(0, Allocations.Of(() =>
        {
            client.Send(200_000);
            var length = _pair.Edge.Core.Fill(batch, _pair.Now);
            _pair.Hub.Core.Receive(batch.AsSpan(0, length), _pair.Now);
            length = _pair.Hub.Core.Fill(batch, _pair.Now);
            _pair.Edge.Core.Receive(batch.AsSpan(0, length), _pair.Now += 1000);
        }));
        Assert.True(Target().Received > 10_000_000);
    }

    private ScriptedPeer Target() => _pair.Hub.PeerOf(_pair.Hub.Opened[0]);

    private static IReadOnlyList<SentFrame> Output(CoreEnd end)
    {
        var batch = new byte[64 * 1024];
        return FrameBytes.Parse(batch.AsSpan(0, end.Core.Fill(batch, 0)));
    }
}
