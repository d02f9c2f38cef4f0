using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Mux;

namespace RemoteIngress.Transport.Tests.Mux;

public sealed class FrameParserTests
{
    private static readonly byte[] Stream =
    [
        .. FrameBytes.Of(0, FrameType.Ping, 1, 2, 3, 4, 5, 6, 7, 8),
        .. FrameBytes.Of(3, FrameType.Close),
        .. FrameBytes.Of(3, FrameType.Data, 9, 8, 7, 6, 5),
        .. FrameBytes.Of(0, (FrameType)0x77, 1, 1, 1),
        .. FrameBytes.Of(0, (FrameType)0x78),
        .. FrameBytes.Of(7, FrameType.Reset, 0, 0, 0, 1),
    ];

    private static readonly string[] Expected = ["Ping(0,8)", "Close(3,0)", "Data(3,5)", "Reset(7,4)"];

    [Fact]
    public void Receive_CutIntoThreeAnywhere_GivesTheSameFrames()
    {
        for (var first = 0; first <= Stream.Length; first++)
        {
            for (var second = first; second <= Stream.Length; second++)
            {
                var sink = Parse(Stream[..first], Stream[first..second], Stream[second..]);

                Assert.Equal(Expected, sink.Frames.Select(frame => frame.ToString()));
                Assert.Equal([9, 8, 7, 6, 5], sink.Frames[2].Payload);
                Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], sink.Frames[0].Payload);
            }
        }
    }

    [Fact]
    public void Receive_ByteByByte_GivesTheSameFrames() =>
        Assert.Equal(Expected, Parse([.. Stream.Select(b => new[] { b })]).Frames.Select(frame => frame.ToString()));

    [Fact]
    public void IsAtBoundary_EveryTruncation_OnlyBetweenFrames()
    {
        var boundaries = new HashSet<int> { 0, 17, 26, 40, 52, 61, Stream.Length };
        for (var length = 0; length <= Stream.Length; length++)
        {
            using var parser = new FrameParser(new RecordingSink());
            parser.Receive(Stream.AsSpan(0, length));

            Assert.True(boundaries.Contains(length) == parser.IsAtBoundary, $"after {length} bytes");
        }
    }

    [Fact]
    public void Receive_HeaderOnly_IsJudgedBeforeItsBody()
    {
        var sink = new RecordingSink { StopAt = FrameType.Config };
        using var parser = new FrameParser(sink);
        var header = new byte[FrameHeader.Size];
        new FrameHeader(0, FrameType.Config, uint.MaxValue).Write(header);

        parser.Receive(header);

        Assert.True(sink.IsClosed);
    }

    [Fact]
    public void Receive_AfterStop_NothingIsHandedOver()
    {
        var sink = new RecordingSink { StopAt = FrameType.Data };
        using var parser = new FrameParser(sink);

        parser.Receive(Stream);
        parser.Receive(Stream);

        Assert.Equal(["Ping(0,8)", "Close(3,0)"], sink.Frames.Select(frame => frame.ToString()));
        Assert.Equal(3, sink.Headers);
    }

    [Fact]
    public void Receive_SteadyState_AllocatesNothing()
    {
        var frames = new byte[64 * 1024];
        var length = 0;
        while (length + 1009 + 13 <= frames.Length)
        {
            FrameBytes.Of(1, FrameType.Data, new byte[1000]).CopyTo(frames, length);
            FrameBytes.Of(1, FrameType.Reset, 0, 0, 1, 0).CopyTo(frames, length + 1009);
            length += 1009 + 13;
        }

        using var parser = new FrameParser(new RecordingSink { OnlyCounts = true });

        Assert.Equal(0, Allocations.Of(() => ReceiveInPieces(parser, frames.AsSpan(0, length))));
    }

    private static void ReceiveInPieces(FrameParser parser, ReadOnlySpan<byte> bytes)
    {
        // Pieces of 999 bytes cut headers and collected payloads alike.
        for (; bytes.Length > 0; bytes = bytes[Math.Min(999, bytes.Length)..])
        {
            parser.Receive(bytes[..Math.Min(999, bytes.Length)]);
        }
    }

    private static RecordingSink Parse(params byte[][] pieces)
    {
        var sink = new RecordingSink();
        using var parser = new FrameParser(sink);
        foreach (var piece in pieces)
        {
            parser.Receive(piece);
        }

        Assert.True(parser.IsAtBoundary);
        return sink;
    }
}
