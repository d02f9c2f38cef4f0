using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Tests.Mux;

public sealed class SendSchedulerTests
{
    private const long Second = 1_000_000;
    private readonly SendScheduler _scheduler = new();
    private readonly WindowPolicy _policy = new();

    [Fact]
    public void Next_StreamsWithDifferentFrameSizes_ShareBytesEvenly()
    {
        var frameSizes = new[] { 100, 1500, 16 * 1024, 64 * 1024 };
        var streams = frameSizes.Select((_, i) => NewStream((uint)i + 1)).ToArray();
        var sent = new long[streams.Length];
        foreach (var stream in streams)
        {
            _scheduler.Add(stream);
        }

        while (sent.Sum() < 40L * SendScheduler.Quantum)
        {
            var stream = _scheduler.Next(0)!;
            var count = Math.Min(frameSizes[stream.Id - 1], stream.Deficit);
            sent[stream.Id - 1] += count;
            _scheduler.Sent(stream, count, hasMore: true);
        }

        Assert.All(sent, bytes => Assert.InRange(bytes, 9L * SendScheduler.Quantum, 11L * SendScheduler.Quantum));
    }

    [Fact]
    public void Next_ManyShortStreamsBesideABusyOne_EveryOneGetsItsTurnInOneRound()
    {
        var busy = NewStream(1);
        _scheduler.Add(busy);
        for (uint id = 2; id <= 101; id++)
        {
            _scheduler.Add(NewStream(id));
        }

        var turns = new List<uint>();
        while (turns.Count < 102)
        {
            var stream = _scheduler.Next(0)!;
            turns.Add(stream.Id);
            _scheduler.Sent(stream, stream == busy ? stream.Deficit : 10, hasMore: stream == busy);
        }

        Assert.Equal(Enumerable.Range(1, 101).Select(i => (uint)i).Append(1u), turns);
    }

    [Fact]
    public void Add_Twice_IsOneTurn()
    {
        var stream = NewStream(1);
        _scheduler.Add(stream);
        _scheduler.Add(stream);

        _scheduler.Sent(_scheduler.Next(0)!, 10, hasMore: false);

        Assert.Null(_scheduler.Next(0));
        Assert.True(_scheduler.IsEmpty);
    }

    [Fact]
    public void Next_EndedStreams_AreSkippedAndForgotten()
    {
        var (ended, live) = (NewStream(1), NewStream(2));
        _scheduler.Add(ended);
        _scheduler.Add(live);
        ended.MarkEnded();

        Assert.Same(live, _scheduler.Next(0));
        Assert.False(ended.IsQueued);
    }

    [Fact]
    public void Clear_DuringATurn_LeavesNothing()
    {
        var stream = NewStream(1);
        _scheduler.Add(stream);
        _scheduler.Add(NewStream(2));
        var turn = _scheduler.Next(0)!;

        _scheduler.Clear();
        turn.MarkEnded();
        _scheduler.Sent(turn, turn.Deficit, hasMore: true);

        Assert.Null(_scheduler.Next(0));
        Assert.True(_scheduler.IsEmpty);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400L * 24 * 3600 * Second)] // a machine that has been up for more than a year
    public void Next_SustainedBesideNormal_YieldsButKeepsOneMegabytePerSecond(long start)
    {
        var normal = NewStream(1);
        var sustained = Sustained(2, start);
        _scheduler.Add(normal);
        _scheduler.Add(sustained);
        var sent = Run(start + (30 * Second), seconds: 10, bytesPerSecond: 50_000_000);

        Assert.InRange(sent[2], 9_800_000, 10_200_000);
        Assert.True(sent[1] > 480_000_000, $"normal sent {sent[1]}");
    }

    [Fact]
    public void Next_OnlySustained_IsNotHeldBack()
    {
        _scheduler.Add(Sustained(2, 0));

        Assert.True(Run(30 * Second, seconds: 1, bytesPerSecond: 50_000_000)[2] >= 50_000_000);
    }

    private Dictionary<uint, long> Run(long start, int seconds, long bytesPerSecond)
    {
        var sent = new Dictionary<uint, long> { [1] = 0, [2] = 0 };
        long total = 0;
        while (total < seconds * bytesPerSecond)
        {
            var stream = _scheduler.Next(start + (total * Second / bytesPerSecond))!;
            var count = stream.Deficit;
            total += count;
            sent[stream.Id] += count;
            _scheduler.Sent(stream, count, hasMore: true);
        }

        return sent;
    }

    private MuxStream Sustained(uint id, long start)
    {
        var stream = NewStream(id);
        for (var i = 0; i <= 11; i++)
        {
            stream.SendMeter.Add(10_000_000, start + (i * Second));
        }

        Assert.True(stream.SendMeter.IsSustained);
        _scheduler.Add(stream);
        _scheduler.Next(start);
        _scheduler.Sent(stream, 0, hasMore: false);
        Assert.True(stream.IsSustainedTier);
        return stream;
    }

    private MuxStream NewStream(uint id) => new(null!, id, _policy);
}
