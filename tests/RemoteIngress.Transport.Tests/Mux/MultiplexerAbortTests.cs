using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Transport.Tests.Mux;

/// <summary>Peers that act on their tunnel while they are called.</summary>
public sealed class MultiplexerAbortTests
{
    private readonly CorePair _pair = CorePair.Authenticated();

    [Fact]
    public void AbortAll_EveryPeerIsToldOnce()
    {
        var peers = Enumerable.Range(0, 10).Select(_ => _pair.Edge.Open()).ToList();

        _pair.Edge.Core.Close(TunnelEndReason.ConnectionLost, "test");

        Assert.All(peers, peer => Assert.Equal(StreamEndReason.TunnelLost, peer.ResetReason));
        Assert.Equal(10, _pair.Edge.StreamsEnded.Count);
        Assert.Single(_pair.Edge.Closed);
        AssertCounts(_pair.Edge);
    }

    [Fact]
    public void AbortAll_PeersResetOthersMeanwhile_EndsWithNone()
    {
        var peers = Enumerable.Range(0, 10).Select(_ => _pair.Edge.Open()).ToList();
        foreach (var (peer, next) in peers.Zip(peers.Skip(1)))
        {
            peer.DuringReset = () => next.Stream.Reset(StreamEndReason.PeerReset);
        }

        _pair.Edge.Core.Close(TunnelEndReason.ConnectionLost, "test");

        AssertCounts(_pair.Edge);
        Assert.Equal(10, _pair.Edge.StreamsEnded.Count);
    }

    [Fact]
    public void AbortAll_PeersOpenAgainOnTheSameTunnel_GetNone()
    {
        var peer = _pair.Edge.Open();
        var reopened = 0;
        peer.DuringReset = () => reopened += _pair.Edge.Core.Mux.TryOpen("PROXY UNKNOWN\r\n"u8, peer) is null ? 0 : 1;

        _pair.Edge.Core.Close(TunnelEndReason.ConnectionLost, "test");

        Assert.Equal(0, reopened);
        AssertCounts(_pair.Edge);
    }

    [Fact]
    public void AbortAll_OthersBecomeReadableMeanwhile_NothingIsSent()
    {
        var (first, second) = (_pair.Edge.Open(), _pair.Edge.Open());
        _pair.Pump();
        first.DuringReset = () => second.Send(1000);
        second.DuringReset = () => first.Send(1000);

        _pair.Edge.Core.Close(TunnelEndReason.ConnectionLost, "test");
        _pair.FillEdge();

        Assert.Equal(0, _pair.ToHub.Waiting);
        Assert.False(_pair.Edge.Core.HasOutput);
    }

    [Fact]
    public void Close_DuringAPull_StopsTheBatch()
    {
        var (first, second) = (_pair.Edge.Open(), _pair.Edge.Open());
        _pair.Pump();
        first.DuringPull = () => _pair.Edge.Core.Close(TunnelEndReason.Shutdown, "test");
        first.Send(1_000_000);
        second.Send(1_000_000);

        _pair.FillEdge();

        Assert.Equal(0, second.Sent);
        Assert.False(_pair.Edge.Core.HasOutput);
    }

    [Fact]
    public void Close_DuringADelivery_IgnoresTheRestOfTheBytes()
    {
        var (first, second) = (_pair.Edge.Open(), _pair.Edge.Open());
        _pair.Pump();
        first.Send(50_000);
        second.Send(50_000);
        _pair.Hub.PeerOf(_pair.Hub.Opened[0]).DuringDeliver = () => _pair.Hub.Core.Close(TunnelEndReason.Shutdown, "test");
        _pair.FillEdge();
        _pair.DeliverToHub();

        Assert.Equal(0, _pair.Hub.PeerOf(_pair.Hub.Opened[1]).Received);
        AssertCounts(_pair.Hub);
    }

    [Fact]
    public void Reset_DuringADelivery_IgnoresTheRestOfThatStreamOnly()
    {
        var (first, second) = (_pair.Edge.Open(), _pair.Edge.Open());
        _pair.Pump();
        first.Send(50_000);
        second.Send(50_000);
        _pair.Hub.PeerOf(_pair.Hub.Opened[0]).DuringDeliver = () => _pair.Hub.Opened[0].Reset(StreamEndReason.PeerReset);
        _pair.FillEdge();
        _pair.DeliverToHub(1000);
        _pair.Pump();

        Assert.True(_pair.Hub.PeerOf(_pair.Hub.Opened[0]).Received < 1000);
        Assert.Equal(50_000, _pair.Hub.PeerOf(_pair.Hub.Opened[1]).Received);
        Assert.Equal(StreamEndReason.PeerReset, first.ResetReason);
    }

    [Fact]
    public void Reset_DuringAPull_SendsNoDataAfterIt()
    {
        var client = _pair.Edge.Open();
        _pair.Pump();
        client.DuringPull = () => client.Stream.Reset(StreamEndReason.PeerReset);
        client.Send(100_000);
        _pair.Pump();

        var target = _pair.Hub.PeerOf(_pair.Hub.Opened[0]);
        Assert.Equal((0, StreamEndReason.PeerReset), (target.Received, target.ResetReason));
        Assert.Empty(_pair.Hub.Closed);
    }

    private static void AssertCounts(CoreEnd end)
    {
        Assert.Equal(0, end.Core.Mux.StreamCount);
        Assert.Equal(end.Core.Mux.Opened, end.Core.Mux.Ended);
        Assert.Equal((0, 0, 0, 0), (end.Core.Mux.Windows.Streams, end.Core.Mux.Sending.Outstanding, end.Core.Mux.Receiving.Outstanding, end.Core.Mux.Holdings.Held));
    }
}
