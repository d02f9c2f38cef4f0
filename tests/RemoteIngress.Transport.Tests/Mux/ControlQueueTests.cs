using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Mux;

namespace RemoteIngress.Transport.Tests.Mux;

public sealed class ControlQueueTests
{
    [Fact]
    public void Take_AnyRoom_KeepsOrderAndBytes()
    {
        var random = new Random(1);
        using var queue = new ControlQueue();
        var expected = new List<byte>();
        var taken = new List<byte>();
        var room = new byte[700];
        for (var i = 0; i < 5000; i++)
        {
            var payload = new byte[random.Next(0, 300)];
            random.NextBytes(payload);
            Assert.True(queue.TryAppend((uint)i, FrameType.Config, payload));
            expected.AddRange(FrameBytes.Of((uint)i, FrameType.Config, payload));
            var count = queue.Take(room.AsSpan(0, random.Next(0, room.Length)));
            taken.AddRange(room.AsSpan(0, count));
            Assert.Equal(expected.Count - taken.Count, queue.Length);
        }

        while (queue.Length > 0)
        {
            taken.AddRange(room.AsSpan(0, queue.Take(room)));
        }

        Assert.Equal(expected, taken);
    }

    [Fact]
    public void TryAppend_BeyondCapacity_IsRefusedAndChangesNothing()
    {
        using var queue = new ControlQueue();
        var payload = new byte[(1024 * 1024) - FrameHeader.Size];
        for (var i = 0; i < 8; i++)
        {
            Assert.True(queue.TryAppend(0, FrameType.ConfigAck, payload));
        }

        Assert.Equal(ControlQueue.Capacity, queue.Length);
        Assert.False(queue.TryAppend(0, FrameType.Close, []));
        Assert.Equal(ControlQueue.Capacity, queue.Length);

        queue.Take(new byte[FrameHeader.Size]);
        Assert.True(queue.TryAppend(0, FrameType.Close, []));
    }

    [Fact]
    public void AppendAndTake_SteadyState_AllocatesNothing()
    {
        using var queue = new ControlQueue();
        var room = new byte[64];

        Assert.Equal(0, Allocations.Of(() =>
        {
            queue.TryAppend(1, FrameType.WindowUpdate, room.AsSpan(0, 4));
            queue.Take(room);
        }));
    }
}
