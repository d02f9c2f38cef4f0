using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Mux.FlowControl;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Transport.Tests.Mux.FlowControl;

/// <summary>What happens to peers that do not take what they are given.</summary>
public sealed class LoopHoldingsTests
{
    private const int KiB = 1024;
    private const long Second = 1_000_000;
    private static readonly BufferLimits Limits = new() { TunnelBytes = 1024 * KiB, ProcessBytes = 1 };
    private readonly LoopHoldings _loop = new(Limits, loops: 1);
    private readonly CorePair _pair;
    private long _now;

    public LoopHoldingsTests()
    {
        // The edge believes in more than the hub has, as one that breaks the rules would.
        _pair = CorePair.Authenticated(TunnelOptions.Default with { Buffers = Limits }, hubHoldings: _loop);
        _pair.Edge.Core.Mux.Sending.Total = 100 * 1024 * KiB;
        _pair.Hub.OpenHandler = stream => stream.Peer = new ScriptedPeer(2, 1) { Stream = stream, ConsumesAtOnce = false };
    }

    [Fact]
    public void TryHold_PastTheBound_ResetsTheStreamWhoseDataItIs()
    {
        var kept = Enumerable.Range(0, 4).Select(_ => Filled(256 * KiB - 1)).ToList();
        var late = Filled(100 * KiB);

        Assert.Equal(StreamEndReason.BufferExhausted, late.ResetReason);
        Assert.Equal(StreamEndReason.BufferExhausted, Target(4).ResetReason);
        Assert.All(kept, peer => Assert.Null(peer.ResetReason));
        Assert.Equal((4 * 256 * KiB) - 4, _loop.Held);
        Assert.Empty(_pair.Hub.Closed);
    }

    [Fact]
    public void TryHold_BoundIsReached_ReadersThatTakeAllAtOnceGoOn()
    {
        for (var i = 0; i < 4; i++)
        {
            Filled(256 * KiB);
        }

        _pair.Hub.OpenHandler = stream => stream.Peer = new ScriptedPeer(2, 1) { Stream = stream };
        var flowing = Filled(10_000 * KiB);

        Assert.Null(flowing.ResetReason);
        Assert.Equal(10_000 * KiB, Target(4).Received);
    }

    [Fact]
    public void Sweep_UnderPressure_ResetsTheLargestThatTookNothingUntilThereIsRoom()
    {
        Filled(100 * KiB);
        Filled(250 * KiB);
        Filled(240 * KiB);
        Filled(200 * KiB);
        var taker = Filled(200 * KiB);
        for (; _now <= 9 * Second; _now += Second)
        {
            Sweep();
            Target(4).Consume(1);
        }

        Assert.All(Enumerable.Range(0, 5), i => Assert.Null(Target(i).ResetReason));
        Sweep();

        // 990 KiB of 1,024 were held; 740 are less than three quarters
        Assert.Equal([null, StreamEndReason.Stalled, null, null, null], Enumerable.Range(0, 5).Select(i => Target(i).ResetReason));
        _pair.Pump();
        Assert.Null(taker.ResetReason);
        Assert.Equal(740 * KiB - 10, _loop.Held);
    }

    [Fact]
    public void Sweep_NoPressure_LeavesTheStalledAlone()
    {
        Filled(256 * KiB);
        Filled(256 * KiB);
        for (; _now < 600 * Second; _now += Second)
        {
            Sweep();
        }

        Assert.Null(Target(0).ResetReason);
    }

    [Fact]
    public void Sweep_LastBytesOfAnEndedStream_AreThrownAwayAfterAMinute()
    {
        var client = Filled(1000, end: true);
        Target(0).Stream.Opened();
        Target(0).Send(0, end: true);
        _pair.Pump();
        Assert.True(client.Stream.IsEnded && Target(0).Stream.IsEnded);
        for (; _now < 60 * Second; _now += Second)
        {
            Sweep();
        }

        Assert.Equal(1000, _loop.Held);
        Assert.Null(Target(0).ResetReason);
        Sweep();
        Assert.Equal(StreamEndReason.Stalled, Target(0).ResetReason);
        Assert.True(_loop.IsEmpty);
        Assert.Equal(0, _loop.Held);
    }

    [Fact]
    public void Sweep_AfterTheProcessStoodStill_CountsAnew()
    {
        Enumerable.Range(0, 4).ToList().ForEach(_ => Filled(256 * KiB));
        Sweep();
        _now += 3600 * Second;
        Sweep();

        Assert.Equal(1024 * KiB, _loop.Held);
    }

    [Fact]
    public void WantsSweep_IsCalledWhenTheFirstByteIsHeld()
    {
        var calls = 0;
        _loop.WantsSweep = () => calls++;
        Filled(10);
        Filled(10);
        Target(0).Consume(10);
        Target(1).Consume(10);
        Assert.Equal((1, 0L, true), (calls, _loop.Held, _loop.IsEmpty));

        Filled(10);
        Assert.Equal(2, calls);
    }

    private ScriptedPeer Filled(int bytes, bool end = false)
    {
        var client = _pair.Edge.Open();
        client.Send(bytes, end);
        _pair.Pump();
        return client;
    }

    private void Sweep() => _loop.Sweep(_now);

    private ScriptedPeer Target(int number) => _pair.Hub.PeerOf(_pair.Hub.Opened[number]);
}
