using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Faults;

/// <summary>Targets that reset, refuse or never accept, and clients that reset.</summary>
public sealed class TargetTests
{
    // required: from the client's connect to its reset
    private static readonly TimeSpan ResetWithin = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Resets_OfEitherEnd_LeaveNothingBehindAndAreCounted()
    {
        const int count = 20;
        var token = Timeouts.Token();
        var ends = new List<SocketError>();
        await using var target = new TargetServer(async (connection, cancellation) =>
        {
            // "r": reset me; anything else: wait for the client's reset
            var buffer = new byte[1];
            if (await connection.ReadAsync(buffer, cancellation) == 0)
            {
                return;
            }

            if (buffer[0] == (byte)'r')
            {
                connection.Abort();
                return;
            }

            await connection.WriteAsync(buffer, cancellation);
            var end = await EndOfAsync(() => connection.ReadAsync(buffer, cancellation));
            lock (ends)
            {
                ends.Add(end);
            }
        });
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        var leaks = await LeakCheck.StartAsync(tunnel, token);

        for (var i = 0; i < count; i++)
        {
            using var resetByTarget = await TestClient.ConnectAsync(port.Port, token);
            await resetByTarget.SendAsync("r", token);
            Assert.Equal(SocketError.ConnectionReset, await EndOfAsync(() => resetByTarget.ReceiveAsync(new byte[1], token)));

            using var resetByClient = await TestClient.ConnectAsync(port.Port, token);
            await resetByClient.EchoAsync("x", token);
            resetByClient.Abort();
        }

        await Poll.UntilAsync("every reset of a client arrived", () => Ended(ends) == count, token);
        Assert.All(ends, static end => Assert.Equal(SocketError.ConnectionReset, end));
        await leaks.NothingIsLeftAsync(token);
        Assert.Equal(2 * count, await EndedAtEdgeAsync(tunnel, "peer_reset", token));
        await Poll.UntilAsync(
            "the hub counted them", async cancellation => await EndedAtHubAsync(tunnel, "peer_reset", cancellation) == 2 * count, token);
    }

    [Fact]
    public async Task TargetThatRefuses_ResetsTheClientAndIsCounted()
    {
        const int count = 20;
        var token = Timeouts.Token();
        var port = TunnelFixture.Port(Ports.Free());
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        var leaks = await LeakCheck.StartAsync(tunnel, token);
        var before = await EndedAtHubAsync(tunnel, "target_refused", token);
        var beforeAtEdge = await EndedAtEdgeAsync(tunnel, null, token);
        var times = new List<TimeSpan>();

        for (var i = 0; i < count; i++)
        {
            // the reset may beat the connect's own completion
            var clock = Stopwatch.StartNew();
            var end = await EndOfAsync(async () =>
            {
                using var client = await TestClient.ConnectAsync(port.Port, token);
                return await client.ReceiveAsync(new byte[1], token);
            });
            times.Add(clock.Elapsed);
            Assert.Equal(SocketError.ConnectionReset, end);
        }

        // the median: one that met a busy machine says nothing of the product
        Assert.InRange(times.Order().ElementAt(count / 2), TimeSpan.Zero, ResetWithin);
        await leaks.NothingIsLeftAsync(token);
        await Poll.UntilAsync(
            "the hub counted them", async cancellation => await EndedAtHubAsync(tunnel, "target_refused", cancellation) >= before + count, token);
        Assert.Equal(count, await EndedAtEdgeAsync(tunnel, null, token) - beforeAtEdge);
        Assert.True(await EndedAtEdgeAsync(tunnel, "target_refused", token) >= count, $"{await tunnel.Edge.TryGetStatusAsync(token)}");
    }

    [Fact]
    public async Task TargetThatNeverAccepts_DelaysNoOtherPort_AndIsGivenUp()
    {
        const int count = 50;
        var token = Timeouts.Token();
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var address = (IPEndPoint)full.LocalEndPoint!;
        var fillers = await FillBacklogAsync(address, token);
        await using var echo = new TargetServer(Handlers.EchoAsync);
        var fullPort = TunnelFixture.Port(address);
        var echoPort = TunnelFixture.Port(echo.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, fullPort, echoPort);

        // the harness has knocked at the full port, too
        var leaks = await LeakCheck.StartAsync(tunnel, token);
        var before = await EndedAtHubAsync(tunnel, "target_timeout", token);
        var waiting = new List<TestClient>();
        for (var i = 0; i < count; i++)
        {
            waiting.Add(await TestClient.ConnectAsync(fullPort.Port, token));
        }

        var ends = waiting.Select(client => EndOfAsync(() => client.ReceiveAsync(new byte[1], token))).ToArray();
        for (var i = 0; i < count; i++)
        {
            using var client = await TestClient.ConnectAsync(echoPort.Port, token);
            await client.EchoAsync($"beside {i}", token);
        }

        Assert.DoesNotContain(ends, static end => end.IsCompleted);
        Assert.All(await Task.WhenAll(ends), static end => Assert.Equal(SocketError.ConnectionReset, end));
        waiting.ForEach(static client => client.Dispose());
        await Poll.UntilAsync(
            "the hub counted them", async cancellation => await EndedAtHubAsync(tunnel, "target_timeout", cancellation) == before + count, token);
        await leaks.NothingIsLeftAsync(token);
        fillers.ForEach(static filler => filler.Dispose());
    }

    /// <summary>Connects until the kernel answers no more: its queue for this listener is full.</summary>
    private static async Task<List<Socket>> FillBacklogAsync(IPEndPoint address, CancellationToken token)
    {
        var fillers = new List<Socket>();
        while (true)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            fillers.Add(socket);
            var connect = socket.ConnectAsync(address, token).AsTask();
            if (await Task.WhenAny(connect, Task.Delay(TimeSpan.FromMilliseconds(200), token)) != connect)
            {
                // loopback answers at once or not at all
                _ = connect.ContinueWith(static failed => failed.Exception, TaskScheduler.Default);
                return fillers;
            }
        }
    }

    private static Task<long> EndedAtHubAsync(TunnelFixture tunnel, string reason, CancellationToken token) =>
        tunnel.Hub.ReadMetricAsync("remoteingress_hub_connection_ends_total", reason, token);

    private static async Task<long> EndedAtEdgeAsync(TunnelFixture tunnel, string? reason, CancellationToken token)
    {
        var status = await tunnel.Edge.TryGetStatusAsync(token);
        return status!.Value.GetProperty("connections").GetProperty("ended").EnumerateObject()
            .Where(entry => reason is null || entry.Name == reason)
            .Sum(static entry => entry.Value.GetInt64());
    }

    private static int Ended(List<SocketError> ends)
    {
        lock (ends)
        {
            return ends.Count;
        }
    }

    private static async Task<SocketError> EndOfAsync(Func<ValueTask<int>> read)
    {
        try
        {
            await read();
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }
}
