using System.Diagnostics;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Faults;

/// <summary>One end pushes, the other does not read: the push must stop, and nobody else may feel it.</summary>
public sealed class SlowReaderTests
{
    private const long Pushed = 256L << 20;
    private const long AllowedGrowth = 32L << 20;
    private const int Echoes = 500;

    [Fact]
    public async Task ClientThatStopsReading_HoldsUpNobodyAndPinsLittle()
    {
        var token = Timeouts.Token();
        long sent = 0;
        await using var source = new TargetServer(async (connection, cancellation) =>
        {
            await connection.ReadAsync(new byte[32], cancellation);
            var pattern = new Pattern(Pushed);
            while (pattern.Next() is { IsEmpty: false } block)
            {
                await connection.WriteAsync(block, cancellation);
                Interlocked.Add(ref sent, block.Length);
            }

            connection.EndWriting();
        });
        await using var echo = new TargetServer(Handlers.EchoAsync);
        var sourcePort = TunnelFixture.Port(source.EndPoint);
        var echoPort = TunnelFixture.Port(echo.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, sourcePort, echoPort);
        var leaks = await LeakCheck.StartAsync(tunnel, token);
        await WarmUpAsync(sourcePort, echoPort, token);
        Interlocked.Exchange(ref sent, 0);
        var memory = Memory.Of(tunnel);

        using (var stalled = await TestClient.ConnectAsync(sourcePort.Port, token))
        {
            await stalled.SendAsync("go", token);
            await EchoBesideAsync(echoPort, () => Interlocked.Read(ref sent), token);

            memory.AssertGrownByLessThan(AllowedGrowth);

            // nothing was lost by the wait
            Assert.Equal($"{Pushed} {Pattern.Sha256(Pushed)}", await stalled.DigestToEndAsync(token));
        }

        await leaks.NothingIsLeftAsync(token);
    }

    [Fact]
    public async Task TargetThatStopsReading_HoldsUpNobodyAndPinsLittle()
    {
        var token = Timeouts.Token();
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
        await using var echo = new TargetServer(Handlers.EchoAsync);
        var digestPort = TunnelFixture.Port(digest.EndPoint);
        var echoPort = TunnelFixture.Port(echo.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, digestPort, echoPort);
        var leaks = await LeakCheck.StartAsync(tunnel, token);
        await UploadAsync(digestPort, Pushed / 4, null, token);
        Volatile.Write(ref waits, true);
        var memory = Memory.Of(tunnel);

        long sent = 0;
        var upload = UploadAsync(digestPort, Pushed, count => Interlocked.Add(ref sent, count), token);
        await EchoBesideAsync(echoPort, () => Interlocked.Read(ref sent), token);
        memory.AssertGrownByLessThan(AllowedGrowth);
        mayRead.SetResult();

        Assert.Equal($"{Pushed} {Pattern.Sha256(Pushed)}", await upload);
        await leaks.NothingIsLeftAsync(token);
    }

    /// <summary>The same way once unhindered: what the processes need for a fast transfer at all is not growth by a slow one.</summary>
    private static async Task WarmUpAsync(PortSpec source, PortSpec echo, CancellationToken token)
    {
        using var client = await TestClient.ConnectAsync(source.Port, token);
        await client.SendAsync("go", token);
        await client.DigestToEndAsync(token);
        using var other = await TestClient.ConnectAsync(echo.Port, token);
        await other.EchoAsync("warm", token);
    }

    /// <summary>Echoes on another connection until the push stands still, and then a good many times more.</summary>
    private static async Task EchoBesideAsync(PortSpec port, Func<long> pushed, CancellationToken token)
    {
        using var client = await TestClient.ConnectAsync(port.Port, token);
        long last = -1;
        var clock = Stopwatch.StartNew();
        while (last <= 0 || clock.Elapsed < TimeSpan.FromSeconds(1))
        {
            await client.EchoAsync("while it is pushed", token);
            var now = pushed();
            if (now != last)
            {
                last = now;
                clock.Restart();
            }
        }

        clock.Restart();
        for (var i = 0; i < Echoes; i++)
        {
            await client.EchoAsync($"beside {i}", token);
        }

        // far from what it takes (a fraction of a millisecond each): only a connection that was held up comes near
        TestContext.Current.SendDiagnosticMessage($"{Echoes} echoes in {clock.ElapsedMilliseconds} ms; the push stood at {last} bytes");
        Assert.InRange(last, 1, Pushed - 1);
    }

    private static async Task<string> UploadAsync(PortSpec port, long length, Action<int>? sent, CancellationToken token)
    {
        using var client = await TestClient.ConnectAsync(port.Port, token);
        var pattern = new Pattern(length);
        while (pattern.Next() is { IsEmpty: false } block)
        {
            await client.SendAsync(block, token);
            sent?.Invoke(block.Length);
        }

        client.EndWriting();
        return await client.ReceiveToEndAsync(token);
    }

    private sealed class Memory(TunnelFixture tunnel)
    {
        private readonly long _edge = tunnel.Edge.Process.ResidentBytes;
        private readonly long _hub = tunnel.Hub.Process.ResidentBytes;

        internal static Memory Of(TunnelFixture tunnel) => new(tunnel);

        internal void AssertGrownByLessThan(long allowed)
        {
            var edge = tunnel.Edge.Process.ResidentBytes - _edge;
            var hub = tunnel.Hub.Process.ResidentBytes - _hub;
            TestContext.Current.SendDiagnosticMessage($"grown: edge {edge / 1024} KiB, hub {hub / 1024} KiB");
            Assert.True(edge < allowed && hub < allowed, $"grown: edge {edge} bytes, hub {hub} bytes");
        }
    }
}
