using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Mux.FlowControl;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Transport.Tests.Mux;

/// <summary>The budget of a tunnel, seen from both ends at once.</summary>
public sealed class MultiplexerBudgetTests
{
    private const long MiB = 1024 * 1024;
    private readonly HashSet<uint> _stalled = [];
    private CorePair _pair = CorePair.Authenticated();

    [Fact]
    public void Stalled_AThousandStreams_StayWithinTheBudgetAndAnotherFlows()
    {
        Start(FrameLimits.DefaultBuffer);
        for (var i = 0; i < 1000; i++)
        {
            Open(stalled: true).Send(10 * MiB);
        }

        _pair.Pump();
        var held = _pair.Hub.Core.Mux.Holdings.Held;
        Assert.InRange(held, 100 * MiB, 200 * MiB);
        Assert.Equal(held, _pair.Edge.Core.Mux.Sending.Outstanding);

        var flowing = Open(stalled: false);
        flowing.Send(100 * MiB);
        _pair.Pump();
        Assert.Equal((100 * MiB, 0), (flowing.Sent, flowing.Stream.Outstanding / (int)MiB));
        Assert.InRange(_pair.Hub.Core.Mux.Holdings.Held, 0, 200 * MiB);
        EndAll();
    }

    [Fact]
    public void Stalled_ReadersThatComeBack_GetEverything()
    {
        Start(2 * MiB);
        var clients = Enumerable.Range(0, 200).Select(_ => Open(stalled: true)).ToList();
        clients.ForEach(client => client.Send(300_000));
        _pair.Pump();
        Assert.True(_pair.Edge.Core.Mux.Sending.Parked > 100);
        Assert.False(_pair.Edge.Core.HasOutput);

        var targets = _pair.Hub.Opened.ConvertAll(_pair.Hub.PeerOf);
        while (targets.Exists(target => target.Unread > 0))
        {
            targets.ForEach(target => target.Consume(10_000));
            _pair.Pump();
        }

        Assert.All(targets, target => Assert.Equal((300_000, -1), (target.Received, target.Corrupt)));
        Assert.Equal(0, _pair.Edge.Core.Mux.Sending.Parked);
        EndAll();
    }

    [Fact]
    public void Idle_ManyStreamsThatConsumedAll_LeaveTheBudgetFree()
    {
        // Each is far from a quarter of its window, but together they are many times the budget.
        Start(4 * MiB);
        for (var i = 0; i < 1000; i++)
        {
            Open(stalled: false).Send(40_000);
            _pair.Pump();
        }

        Assert.All(_pair.Hub.Opened, stream => Assert.Equal(40_000, _pair.Hub.PeerOf(stream).Received));
        Assert.InRange(_pair.Edge.Core.Mux.Sending.Outstanding, 0, 2 * MiB);
        EndAll();
    }

    [Fact]
    public void Ended_StreamOfAStalledReader_MakesRoomForThoseThatWait()
    {
        Start(MiB);
        var first = Open(stalled: true);
        first.Send(10 * MiB);
        for (var i = 0; i < 40; i++)
        {
            Open(stalled: true).Send(10 * MiB);
        }

        _pair.Pump();
        var starved = Open(stalled: false);
        starved.Send(1000);
        _pair.Pump();
        Assert.Equal(0, starved.Sent);

        first.Stream.Reset(Protocol.EndReasons.StreamEndReason.PeerReset);
        _pair.Pump();
        Assert.Equal(1000, starved.Sent);
        EndAll();
    }

    [Fact]
    public void Close_BeforeAllIsConsumed_TheSenderIsStillToldWhenItIs()
    {
        Start(FrameLimits.DefaultBuffer);
        var client = Open(stalled: true);
        client.Send(200_000, end: true);
        _pair.Pump();
        Assert.Equal(200_000, client.Stream.Outstanding);

        _pair.Hub.PeerOf(_pair.Hub.Opened[0]).Consume(200_000);
        _pair.Pump();

        Assert.Equal(0, client.Stream.Outstanding);
        Assert.False(client.Stream.IsEnded);
        EndAll();
    }

    [Fact]
    public void WindowUpdate_ThatShrinks_MakesTheSenderWait()
    {
        Start(FrameLimits.DefaultBuffer);
        var client = Open(stalled: true);
        client.Send(MiB);
        _pair.Pump();
        Assert.Equal(0, client.Stream.SendCredit);

        _pair.Edge.Core.Receive(FrameBytes.Of(1, FrameType.WindowUpdateBack, FrameBytes.Window(100_000, 50_000)), 0);
        Assert.Equal(50_000 - (FrameLimits.InitialWindow - 100_000), client.Stream.SendCredit);
        Assert.False(_pair.Edge.Core.HasOutput);

        _pair.Edge.Core.Receive(FrameBytes.Of(1, FrameType.WindowUpdateBack, FrameBytes.Window(150_000, 50_000)), 0);
        Assert.True(_pair.Edge.Core.HasOutput);
    }

    private void Start(long buffer)
    {
        _pair = CorePair.Authenticated(TunnelOptions.Default with { Buffers = new BufferLimits { TunnelBytes = buffer } });
        _pair.Hub.OpenHandler = stream => stream.Peer = new ScriptedPeer(2, 1) { Stream = stream, ConsumesAtOnce = !_stalled.Contains(stream.Id) };
    }

    private ScriptedPeer Open(bool stalled)
    {
        var client = _pair.Edge.Open();
        if (stalled)
        {
            _stalled.Add(client.Stream.Id);
        }

        return client;
    }

    private void EndAll()
    {
        Assert.Empty(_pair.Edge.Closed);
        Assert.Empty(_pair.Hub.Closed);
        _pair.Edge.Core.Close(Protocol.EndReasons.TunnelEndReason.Shutdown, "done");
        _pair.Hub.Core.Close(Protocol.EndReasons.TunnelEndReason.Shutdown, "done");
        foreach (var mux in new[] { _pair.Edge.Core.Mux, _pair.Hub.Core.Mux })
        {
            Assert.Equal((0, 0, 0, 0), (mux.Sending.Outstanding, mux.Sending.Parked, mux.Receiving.Outstanding, mux.Holdings.Held));
        }
    }
}
