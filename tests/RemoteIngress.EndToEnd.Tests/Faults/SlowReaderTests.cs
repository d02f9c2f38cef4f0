using System.Diagnostics;
using System.Globalization;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Faults;

/// <summary>One end pushes 1 GiB, the other does not read: the push must stop, memory stay, and nobody else may feel it.</summary>
public sealed class SlowReaderTests
{
    private const long Pushed = 1L << 30;
    private const long Warming = 128L << 20;
    private const long AllowedGrowth = 32L << 20;
    private const int Echoes = 500;

    // beside a stalled transfer, against the idle tunnel in the same run: generous, for others use the machine too
    private const int AllowedSlowdown = 4;

    [Fact]
    public async Task ClientThatStopsReading_HoldsUpNobodyAndPinsLittle()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(180));
        long sent = 0;
        await using var source = new TargetServer(async (connection, cancellation) =>
        {
            var request = new byte[32];
            var length = await connection.ReadAsync(request, cancellation);
            var pattern = new Pattern(long.Parse(request.AsSpan(0, length), CultureInfo.InvariantCulture));
            while (pattern.Next() is { IsEmpty: false } block)
            {
                await connection.WriteAsync(block, cancellation);
                Interlocked.Add(ref sent, block.Length);
            }

            connection.EndWriting();
        });
        await using var rig = await Rig.StartAsync(source, token);

        // the same way once unhindered: what the processes need for a fast transfer at all is not growth by a slow one
        await DownloadAsync(rig.Port, Warming, token);
        var idle = await rig.MeasureAsync(token);
        Interlocked.Exchange(ref sent, 0);
        var memory = rig.WatchMemory();

        using (var stalled = await TestClient.ConnectAsync(rig.Port, token))
        {
            await stalled.SendAsync($"{Pushed}", token);
            await rig.UntilItStandsAsync(() => Interlocked.Read(ref sent), token);
            await rig.IsAsFastAsAsync(idle, token);
            memory.AssertGrownByLessThan(AllowedGrowth);

            // nothing was lost by the wait
            Assert.Equal($"{Pushed} {Pattern.Sha256(Pushed)}", await stalled.DigestToEndAsync(token));
        }

        memory.AssertGrownByLessThan(AllowedGrowth);
        TestContext.Current.SendDiagnosticMessage(memory.Report);
        await rig.NothingIsLeftAsync(token);
    }

    [Fact]
    public async Task TargetThatStopsReading_HoldsUpNobodyAndPinsLittle()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(180));
        var mayRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waits = false;
        await using var digest = new TargetServer(async (connection, cancellation) =>
        {
            if (Volatile.Read(ref waits))
            {
                await mayRead.Task.WaitAsync(cancellation);
            }

            await Handlers.DigestAsync(connection, cancellation);
        });
        await using var rig = await Rig.StartAsync(digest, token);
        await UploadAsync(rig.Port, Warming, null, token);
        var idle = await rig.MeasureAsync(token);
        Volatile.Write(ref waits, true);
        var memory = rig.WatchMemory();

        long sent = 0;
        var upload = UploadAsync(rig.Port, Pushed, count => Interlocked.Add(ref sent, count), token);
        await rig.UntilItStandsAsync(() => Interlocked.Read(ref sent), token);
        await rig.IsAsFastAsAsync(idle, token);
        memory.AssertGrownByLessThan(AllowedGrowth);
        mayRead.SetResult();

        Assert.Equal($"{Pushed} {Pattern.Sha256(Pushed)}", await upload);
        memory.AssertGrownByLessThan(AllowedGrowth);
        TestContext.Current.SendDiagnosticMessage(memory.Report);
        await rig.NothingIsLeftAsync(token);
    }

    private static async Task DownloadAsync(int port, long length, CancellationToken token)
    {
        using var client = await TestClient.ConnectAsync(port, token);
        await client.SendAsync($"{length}", token);
        await client.DigestToEndAsync(token);
    }

    private static async Task<string> UploadAsync(int port, long length, Action<int>? sent, CancellationToken token)
    {
        using var client = await TestClient.ConnectAsync(port, token);
        var pattern = new Pattern(length);
        while (pattern.Next() is { IsEmpty: false } block)
        {
            await client.SendAsync(block, token);
            sent?.Invoke(block.Length);
        }

        client.EndWriting();
        return await client.ReceiveToEndAsync(token);
    }

    /// <summary>Hub and edge with two ports: one that is pushed at, and an echo to measure.</summary>
    private sealed class Rig(TunnelFixture tunnel, TargetServer echo, PortSpec pushed, PortSpec other, LeakCheck leaks) : IAsyncDisposable
    {
        internal int Port => pushed.Port;

        internal static async Task<Rig> StartAsync(TargetServer target, CancellationToken token)
        {
            var echo = new TargetServer(Handlers.EchoAsync);
            var (pushed, other) = (TunnelFixture.Port(target.EndPoint), TunnelFixture.Port(echo.EndPoint));
            var tunnel = await TunnelFixture.StartAsync(token, pushed, other);
            return new Rig(tunnel, echo, pushed, other, await LeakCheck.StartAsync(tunnel, token));
        }

        internal MemoryWatch WatchMemory() => new(("edge", tunnel.Edge.Process), ("hub", tunnel.Hub.Process));

        /// <summary>The median time of one echo of a byte, and of one of a megabyte.</summary>
        internal async Task<(TimeSpan Small, TimeSpan Large)> MeasureAsync(CancellationToken token)
        {
            using var client = await TestClient.ConnectAsync(other.Port, token);
            return (await MedianAsync(client, 1, Echoes, token), await MedianAsync(client, 1 << 20, Echoes / 10, token));
        }

        internal async Task IsAsFastAsAsync((TimeSpan Small, TimeSpan Large) idle, CancellationToken token)
        {
            var now = await MeasureAsync(token);
            var report = $"idle {idle.Small.TotalMicroseconds:F0} and {idle.Large.TotalMicroseconds:F0} µs, beside it {now.Small.TotalMicroseconds:F0} and {now.Large.TotalMicroseconds:F0} µs";
            TestContext.Current.SendDiagnosticMessage(report);
            Assert.True(now.Small < idle.Small * AllowedSlowdown && now.Large < idle.Large * AllowedSlowdown, report);
        }

        /// <summary>Echoes on another connection until the push has stood still for a second.</summary>
        internal async Task UntilItStandsAsync(Func<long> sent, CancellationToken token)
        {
            using var client = await TestClient.ConnectAsync(other.Port, token);
            long last = -1;
            var clock = Stopwatch.StartNew();
            while (last <= 0 || clock.Elapsed < TimeSpan.FromSeconds(1))
            {
                await client.EchoAsync("while it is pushed", token);
                var now = sent();
                if (now != last)
                {
                    last = now;
                    clock.Restart();
                }
            }

            TestContext.Current.SendDiagnosticMessage($"the push stands at {last} bytes");
            Assert.InRange(last, 1, Pushed - 1);
        }

        internal Task NothingIsLeftAsync(CancellationToken token) => leaks.NothingIsLeftAsync(token);

        public async ValueTask DisposeAsync()
        {
            await tunnel.DisposeAsync();
            await echo.DisposeAsync();
        }

        private static async Task<TimeSpan> MedianAsync(TestClient client, int size, int count, CancellationToken token)
        {
            var block = new byte[size];
            var times = new List<TimeSpan>();
            for (var i = 0; i < count; i++)
            {
                var clock = Stopwatch.StartNew();
                var send = client.SendAsync(block, token);
                await client.ReceiveExactlyAsync(block.AsMemory(), token);
                await send;
                times.Add(clock.Elapsed);
            }

            return times.Order().ElementAt(count / 2);
        }
    }
}
