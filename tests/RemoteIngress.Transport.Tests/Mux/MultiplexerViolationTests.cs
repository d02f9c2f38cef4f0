using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Transport.Tests.Mux;

public sealed class MultiplexerViolationTests
{
    private static readonly byte[] Line = "PROXY UNKNOWN\r\n"u8.ToArray();
    private readonly CorePair _pair = CorePair.Authenticated();

    [Theory]
    [InlineData(1, FrameType.DataBack, 1)]
    [InlineData(1, FrameType.CloseBack, 0)]
    [InlineData(1, FrameType.WindowUpdateBack, 8)]
    [InlineData(1, FrameType.Opened, 0)]
    [InlineData(0, FrameType.Config, 2)]
    [InlineData(0, FrameType.Challenge, 2)]
    [InlineData(0, FrameType.Welcome, 2)]
    [InlineData(0, FrameType.Reject, 2)]
    [InlineData(0, FrameType.Hello, 2)] // may come from an edge, but not after authentication
    [InlineData(0, FrameType.Auth, 2)]
    [InlineData(0, FrameType.Data, 1)] // stream frames on stream 0
    [InlineData(0, FrameType.Open, 15)]
    [InlineData(0, FrameType.Close, 0)]
    [InlineData(0, FrameType.Reset, 4)]
    [InlineData(0, FrameType.WindowUpdate, 8)]
    [InlineData(1, FrameType.Ping, 8)] // control frames on a stream
    [InlineData(1, FrameType.Status, 2)]
    [InlineData(1, FrameType.GoAway, 2)]
    [InlineData(1, FrameType.Data, 0)] // lengths
    [InlineData(1, FrameType.Close, 1)]
    [InlineData(1, FrameType.Reset, 3)]
    [InlineData(1, FrameType.WindowUpdate, 4)]
    [InlineData(2, FrameType.Open, 129)]
    [InlineData(2, FrameType.Open, 14)]
    [InlineData(0, FrameType.Ping, 7)]
    [InlineData(9, FrameType.Data, 1)] // a stream nobody opened
    [InlineData(9, FrameType.Close, 0)]
    [InlineData(9, FrameType.Reset, 4)]
    [InlineData(9, FrameType.WindowUpdate, 8)]
    [InlineData(1, FrameType.Open, 15)] // a stream that is open
    [InlineData(1, FrameType.UdpOpen, 28)]
    [InlineData(1, FrameType.UdpData, 10)]
    [InlineData(1, FrameType.UdpClose, 0)]
    public void Hub_IllegalFrame_ClosesWithProtocolError(uint stream, FrameType type, int length)
    {
        ToHub(FrameBytes.Of(1, FrameType.Open, Line));
        Assert.Empty(_pair.Hub.Closed);

        ToHub(FrameBytes.Of(stream, type, new byte[length]));

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(_pair.Hub.Closed).Reason);
    }

    [Theory]
    [InlineData(1, FrameType.Data, 1)]
    [InlineData(1, FrameType.Close, 0)]
    [InlineData(1, FrameType.Open, 15)]
    [InlineData(1, FrameType.WindowUpdate, 8)]
    [InlineData(0, FrameType.ConfigAck, 2)]
    [InlineData(0, FrameType.Status, 2)]
    [InlineData(0, FrameType.Welcome, 2)]
    [InlineData(9, FrameType.DataBack, 1)]
    [InlineData(9, FrameType.Opened, 0)]
    public void Edge_IllegalFrame_ClosesWithProtocolError(uint stream, FrameType type, int length)
    {
        _pair.Edge.Open();

        _pair.Edge.Core.Receive(FrameBytes.Of(stream, type, new byte[length]), 0);

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(_pair.Edge.Closed).Reason);
    }

    [Theory]
    [InlineData(FrameType.DataBack, 1)]
    [InlineData(FrameType.CloseBack, 0)]
    public void Edge_AnswerBeforeOpened_ClosesWithProtocolError(FrameType type, int length)
    {
        _pair.Edge.Open();
        _pair.Edge.Open();
        _pair.Edge.Core.Receive(FrameBytes.Of(1, FrameType.Opened), 0);
        _pair.Edge.Core.Receive(FrameBytes.Of(1, type, new byte[length]), 0);
        Assert.Empty(_pair.Edge.Closed);

        _pair.Edge.Core.Receive(FrameBytes.Of(2, type, new byte[length]), 0);

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(_pair.Edge.Closed).Reason);
    }

    [Theory]
    [InlineData(FrameType.Data, 65537u)]
    [InlineData(FrameType.Data, uint.MaxValue)]
    [InlineData((FrameType)0x7F, (64 * 1024) + 1u)]
    public void Hub_OversizedHeader_ClosesBeforeTheBody(FrameType type, uint length)
    {
        ToHub(FrameBytes.Of(1, FrameType.Open, Line));
        var header = new byte[FrameHeader.Size];
        new FrameHeader(1, type, length).Write(header);

        ToHub(header);

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(_pair.Hub.Closed).Reason);
    }

    [Fact]
    public void Hub_DataBeyondTheCredit_IsCaughtAtItsHeader()
    {
        _pair.Hub.OpenHandler = stream => stream.Peer = new ScriptedPeer(2, 1) { Stream = stream, ConsumesAtOnce = false };
        ToHub(FrameBytes.Of(1, FrameType.Open, Line));
        for (var i = 0; i < FrameLimits.InitialWindow / FrameLimits.MaxData; i++)
        {
            ToHub(FrameBytes.Of(1, FrameType.Data, new byte[FrameLimits.MaxData]));
        }

        Assert.Empty(_pair.Hub.Closed);
        ToHub(FrameBytes.Of(1, FrameType.Data, 0)[..FrameHeader.Size]);

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(_pair.Hub.Closed).Reason);
    }

    [Theory]
    [InlineData(FrameType.Data, 1)]
    [InlineData(FrameType.Close, 0)]
    public void Hub_DataOrCloseAfterClose_ClosesWithProtocolError(FrameType type, int length)
    {
        ToHub(FrameBytes.Of(1, FrameType.Open, Line));
        ToHub(FrameBytes.Of(1, FrameType.Close));
        Assert.Empty(_pair.Hub.Closed);

        ToHub(FrameBytes.Of(1, type, new byte[length]));

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(_pair.Hub.Closed).Reason);
    }

    [Theory]
    [InlineData(1, 1000)] // nothing was sent that could have been consumed
    [InlineData(0, FrameLimits.MaxWindow + 1)]
    [InlineData(0, uint.MaxValue)]
    [InlineData(uint.MaxValue, 0)]
    public void Hub_ImpossibleWindowUpdate_ClosesWithProtocolError(uint consumed, uint window)
    {
        ToHub(FrameBytes.Of(1, FrameType.Open, Line));

        ToHub(FrameBytes.Of(1, FrameType.WindowUpdate, FrameBytes.Window(consumed, window)));

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(_pair.Hub.Closed).Reason);
    }

    [Theory]
    [InlineData(FrameType.Data, 1000)]
    [InlineData(FrameType.Close, 0)]
    [InlineData(FrameType.WindowUpdate, 8)]
    [InlineData(FrameType.Reset, 4)]
    public void Hub_FramesOfAnEndedStream_AreIgnored(FrameType type, int length)
    {
        ToHub(FrameBytes.Of(1, FrameType.Open, Line));
        _pair.Hub.Opened[0].Reset(StreamEndReason.TargetRefused);

        ToHub(FrameBytes.Of(1, type, new byte[length]));
        ToHub(FrameBytes.Of(2, FrameType.Open, Line));

        Assert.Empty(_pair.Hub.Closed);
        Assert.Equal(2, _pair.Hub.Opened.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(77)]
    public void Hub_UnknownType_IsSkippedOnAnyStream(uint stream)
    {
        ToHub(FrameBytes.Of(stream, (FrameType)0x60, new byte[5000]));
        ToHub(FrameBytes.Of(1, FrameType.Open, Line));

        Assert.Empty(_pair.Hub.Closed);
        Assert.Single(_pair.Hub.Opened);
    }

    [Fact]
    public void Hub_PeerThatPingsButNeverReads_IsCutOff()
    {
        var pings = new byte[17 * 1000];
        for (var i = 0; i < 1000; i++)
        {
            FrameBytes.Of(0, FrameType.Ping, new byte[8]).CopyTo(pings, i * 17);
        }

        for (var i = 0; i < 600 && _pair.Hub.Closed.Count == 0; i++)
        {
            ToHub(pings);
        }

        Assert.Equal(TunnelEndReason.ProtocolError, Assert.Single(_pair.Hub.Closed).Reason);
    }

    private void ToHub(byte[] bytes) => _pair.Hub.Core.Receive(bytes, 0);
}
