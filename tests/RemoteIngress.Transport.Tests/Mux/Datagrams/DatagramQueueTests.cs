using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Mux.Datagrams;

namespace RemoteIngress.Transport.Tests.Mux.Datagrams;

public sealed class DatagramQueueTests
{
    private const int KiB = 1024;
    private readonly DatagramCounts _counts = new();
    private readonly Multiplexer _mux = CorePair.Authenticated().Edge.Core.Mux;
    private readonly byte[] _batch = new byte[256 * KiB];
    private uint _lastId;

    [Fact]
    public void Fill_OneSession_KeepsTheOrderAndEverySize()
    {
        var queue = new DatagramQueue(_counts, 1024 * KiB);
        var session = Session();
        int[] sizes = [0, 1, 65_507, 0, 1_200];
        foreach (var size in sizes)
        {
            queue.Add(session, new byte[size]);
        }

        Assert.Equal(sizes, Fill(queue).Select(frame => frame.Length));
        Assert.True(queue.IsEmpty);
        Assert.Equal(0, session.QueuedBytes);
    }

    [Fact]
    public void Fill_AFloodAndAQuietOne_TheQuietOneWaitsForOneTurnAtMost()
    {
        var queue = new DatagramQueue(_counts, 1024 * KiB);
        var (flood, quiet) = (Session(), Session());
        for (var i = 0; i < 200; i++)
        {
            queue.Add(flood, new byte[1000]);
        }

        queue.Add(quiet, new byte[1]);
        var before = Fill(queue).TakeWhile(frame => frame.Id != quiet.Id).Sum(frame => frame.Length);

        Assert.InRange(before, 1, 17 * KiB);
    }

    [Fact]
    public void Add_BeyondTheShareOfASession_DropsItsOwnOldest()
    {
        var queue = new DatagramQueue(_counts, 256 * KiB);
        var (flood, quiet) = (Session(), Session());
        queue.Add(quiet, "quiet"u8);
        for (var i = 0; i < 100; i++)
        {
            queue.Add(flood, Enumerable.Repeat((byte)i, 1000).ToArray());
        }

        var frames = Fill(queue);
        var kept = frames.Where(frame => frame.Id == flood.Id).Select(frame => frame.First).ToArray();
        Assert.Equal(64 * KiB / (1000 + DatagramQueue.Overhead), kept.Length);
        Assert.Equal(Enumerable.Range(100 - kept.Length, kept.Length).Select(i => (byte)i), kept);
        Assert.Equal(100 - kept.Length, _counts.Drops(DatagramDrop.QueueFull));
        Assert.Contains(frames, frame => frame.Id == quiet.Id);
    }

    [Fact]
    public void Add_BeyondTheBoundOfAll_StaysWithinItAndTakesTheNewOne()
    {
        var queue = new DatagramQueue(_counts, 256 * KiB);
        for (var i = 0; i < 50; i++)
        {
            var session = Session();
            for (var k = 0; k < 20; k++)
            {
                queue.Add(session, new byte[1000]);
                Assert.InRange(queue.Bytes, 0, 256 * KiB);
            }
        }

        var last = Session();
        queue.Add(last, "new"u8);

        Assert.NotNull(last.First);
        Assert.True(_counts.Drops(DatagramDrop.QueueFull) > 700);
    }

    [Fact]
    public void Add_NothingButEmptyOnes_IsBoundedInNumber()
    {
        var queue = new DatagramQueue(_counts, 64 * KiB);
        var session = Session();
        for (var i = 0; i < 10_000; i++)
        {
            queue.Add(session, []);
        }

        Assert.Equal(16 * KiB / DatagramQueue.Overhead, Fill(queue).Count);
    }

    [Fact]
    public void Remove_TakesWhatWaits_AndTheOthersGoOn()
    {
        var queue = new DatagramQueue(_counts, 1024 * KiB);
        var (gone, other) = (Session(), Session());
        queue.Add(gone, new byte[10]);
        queue.Add(gone, new byte[10]);
        queue.Add(other, new byte[20]);

        queue.Remove(gone, DatagramDrop.SessionClosed);

        Assert.Equal(2, _counts.Drops(DatagramDrop.SessionClosed));
        Assert.Equal([20], Fill(queue).Select(frame => frame.Length));
    }

    [Fact]
    public void Fill_RoomForNoMore_LeavesTheRestWhole()
    {
        var queue = new DatagramQueue(_counts, 1024 * KiB);
        var session = Session();
        queue.Add(session, new byte[100]);
        queue.Add(session, new byte[100]);

        Assert.Equal(FrameHeader.Size + 100, queue.Fill(_batch.AsSpan(0, 200), FrameType.UdpData));
        Assert.Equal(0, queue.Fill(_batch.AsSpan(0, 108), FrameType.UdpData));
        Assert.Equal(FrameHeader.Size + 100, queue.Fill(_batch.AsSpan(0, 109), FrameType.UdpData));
    }

    private MuxSession Session() => new(_mux, ++_lastId);

    private List<(uint Id, int Length, byte First)> Fill(DatagramQueue queue)
    {
        var frames = new List<(uint, int, byte)>();
        for (int length; (length = queue.Fill(_batch, FrameType.UdpData)) > 0;)
        {
            frames.AddRange(FrameBytes.Parse(_batch.AsSpan(0, length)).Select(frame => (frame.Stream, frame.Payload.Length, frame.Payload.FirstOrDefault())));
        }

        return frames;
    }
}
