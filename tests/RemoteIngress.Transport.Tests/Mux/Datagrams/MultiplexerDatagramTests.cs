using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Mux.Datagrams;

namespace RemoteIngress.Transport.Tests.Mux.Datagrams;

/// <summary>UDP sessions between two ends of a tunnel in memory.</summary>
public sealed class MultiplexerDatagramTests
{
    private readonly CorePair _pair = CorePair.Authenticated();

    [Fact]
    public void Send_BothWays_ArrivesWholeAndInOrder()
    {
        var (edge, session) = Open();
        var random = new Random(1);
        var sent = new[] { 0, 1, 1_200, 65_507, 9_000 }.Select(size => { var bytes = new byte[size]; random.NextBytes(bytes); return bytes; }).ToArray();
        foreach (var payload in sent)
        {
            session.Send(payload);
        }

        _pair.Pump();
        var hub = Assert.Single(_pair.Hub.Sessions);
        foreach (var payload in hub.Peer.Received)
        {
            hub.Session.Send(payload);
        }

        _pair.Pump();
        Assert.Equal(sent, hub.Peer.Received);
        Assert.Equal(sent, edge.Received);
        Assert.Equal("sixteen bytes or more"u8.ToArray(), hub.Header);
    }

    [Fact]
    public void Send_TooLong_IsDropped()
    {
        var (_, session) = Open();
        session.Send(new byte[65_508]);
        session.Send(new byte[65_507]);
        _pair.Pump();

        Assert.Equal([65_507], _pair.Hub.Sessions[0].Peer.Received.Select(payload => payload.Length));
        Assert.Empty(_pair.Edge.Closed);
    }

    [Fact]
    public void Fill_BesideBulk_DatagramsGoFirstAndLeaveHalfOfTheBatch()
    {
        var (_, session) = Open();
        var stream = _pair.Edge.Open();
        _pair.Pump();
        stream.Send(10_000_000);
        for (var i = 0; i < 500; i++)
        {
            session.Send(new byte[1000]);
        }

        var batch = new byte[256 * 1024];
        var length = _pair.Edge.Core.Fill(batch, 0);
        var frames = FrameBytes.Parse(batch.AsSpan(0, length));

        var datagrams = frames.TakeWhile(frame => frame.Type == FrameType.UdpData).Count();
        Assert.Equal(128 * 1024 / (FrameHeader.Size + 1000), datagrams);
        Assert.InRange(frames.Where(frame => frame.Type == FrameType.Data).Sum(frame => frame.Payload.Length), 100 * 1024, 128 * 1024);
    }

    [Fact]
    public void Close_ByTheEdge_TellsTheHubOnce_AndWhatComesLateIsNoError()
    {
        var (edge, session) = Open();
        _pair.Pump();
        var hub = _pair.Hub.Sessions[0];
        hub.Session.Send("crosses the close"u8);
        session.Close();
        session.Close();
        session.Send("too late"u8);
        _pair.Pump();

        Assert.False(hub.Peer.WasTunnelLost);
        Assert.Null(edge.WasTunnelLost);
        Assert.Empty(edge.Received);
        Assert.Equal((0, 0), (_pair.Edge.Core.Mux.Datagrams.Count, _pair.Hub.Core.Mux.Datagrams.Count));
        Assert.False(_pair.Edge.Core.IsClosed || _pair.Hub.Core.IsClosed);
    }

    [Fact]
    public void Receive_ForASessionThatIsOver_IsCounted()
    {
        var counts = new DatagramCounts();
        var sessions = new DatagramSessions(FrameType.UdpData, counts, maxQueuedBytes: 1024 * 1024);

        sessions.Receive(7, "late"u8);

        Assert.Equal((1, 0), (counts.Drops(DatagramDrop.SessionClosed), counts.OutOfTunnels));
    }

    [Fact]
    public void Close_ByTheHub_TellsTheEdge()
    {
        var (edge, session) = Open();
        _pair.Pump();
        _pair.Hub.Sessions[0].Session.Close();
        _pair.Pump();

        Assert.False(edge.WasTunnelLost);
        Assert.True(session.IsClosed);
    }

    [Fact]
    public void TunnelEnds_EveryPeerIsToldThatItIsLost_AndNoneOpensAgain()
    {
        var (edge, _) = Open();
        _pair.Pump();
        _pair.Edge.Core.Close(TunnelEndReason.ConnectionLost, "test");
        _pair.Hub.Core.Close(TunnelEndReason.ConnectionLost, "test");

        Assert.True(edge.WasTunnelLost);
        Assert.True(_pair.Hub.Sessions[0].Peer.WasTunnelLost);
        Assert.Null(_pair.Edge.Core.Mux.TryOpenSession("sixteen bytes or more"u8, new RecordingDatagrams()));
    }

    [Fact]
    public void Drain_OldSessionsGoOn_NewOnesAreClosed()
    {
        var (old, session) = Open();
        _pair.Pump();
        _pair.Hub.Core.Drain("test");
        _pair.Pump();
        var (refused, _) = Open();
        session.Send("still"u8);
        _pair.Pump();

        Assert.False(refused.WasTunnelLost);
        Assert.Null(old.WasTunnelLost);
        Assert.Equal(["still"u8.ToArray()], _pair.Hub.Sessions[0].Peer.Received);
    }

    [Theory]
    [InlineData(FrameType.UdpData, 5u, "never opened")]
    [InlineData(FrameType.UdpClose, 5u, "never opened")]
    [InlineData(FrameType.UdpOpen, 1u, "which is open")]
    [InlineData(FrameType.Open, 1u, "which is open")]
    [InlineData(FrameType.Data, 1u, "never opened")]
    [InlineData(FrameType.Reset, 1u, "never opened")]
    [InlineData(FrameType.UdpData, 0u, "on stream 0")]
    [InlineData(FrameType.UdpDataBack, 1u, "from the edge")]
    public void Receive_WhatNoEdgeMaySend_EndsTheTunnel(FrameType type, uint id, string detail)
    {
        Open();
        _pair.Pump();
        var payload = new byte[type switch { FrameType.UdpClose => 0, FrameType.Reset => 4, _ => 20 }];
        _pair.Hub.Core.Receive(FrameBytes.Of(id, type, payload), 0);

        var closed = Assert.Single(_pair.Hub.Closed);
        Assert.Equal(TunnelEndReason.ProtocolError, closed.Reason);
        Assert.Contains(detail, closed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void RandomPrograms_EveryDatagramArrivesOnceAndInOrderOrIsCounted()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            RunRandomProgram(new Random(seed), seed);
        }
    }

    private static void RunRandomProgram(Random random, int seed)
    {
        var pair = CorePair.Authenticated();
        var sessions = new List<(MuxSession Session, RecordingDatagrams Edge, List<byte[]> Sent)>();
        for (var step = 0; step < 300; step++)
        {
            switch (random.Next(8))
            {
                case 0 when sessions.Count < 20:
                    var peer = new RecordingDatagrams();
                    sessions.Add((pair.Edge.Core.Mux.TryOpenSession("sixteen bytes or more"u8, peer)!, peer, []));
                    break;
                case < 5 when sessions.Count > 0:
                    var (session, _, sent) = sessions[random.Next(sessions.Count)];
                    var payload = new byte[random.Next(3) == 0 ? random.Next(3) : random.Next(20_000)];
                    random.NextBytes(payload);
                    sent.Add(payload);
                    session.Send(payload);
                    break;
                case 5:
                    pair.FillEdge(random.Next(70_000, 256 * 1024));
                    break;
                default:
                    pair.DeliverToHub(random.Next(1, 40_000));
                    break;
            }
        }

        pair.Pump();
        Assert.False(pair.Hub.Core.IsClosed, $"seed {seed}");
        foreach (var (session, _, sent) in sessions)
        {
            var arrived = pair.Hub.Sessions.Single(entry => entry.Session.Id == session.Id).Peer.Received;

            // what was dropped was the oldest of its session: what arrived is a subsequence
            var next = 0;
            foreach (var payload in arrived)
            {
                next = sent.FindIndex(next, candidate => candidate.AsSpan().SequenceEqual(payload)) + 1;
                Assert.True(next > 0, $"seed {seed}: a datagram that was not sent, or twice, or out of order");
            }
        }
    }

    private (RecordingDatagrams Peer, MuxSession Session) Open()
    {
        var peer = new RecordingDatagrams();
        return (peer, _pair.Edge.Core.Mux.TryOpenSession("sixteen bytes or more"u8, peer)!);
    }
}
