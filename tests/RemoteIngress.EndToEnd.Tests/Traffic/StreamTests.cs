using System.Net;
using System.Net.Sockets;
using System.Text;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Traffic;

public sealed class StreamTests
{
    private const long Gibibyte = 1L << 30;

    [Fact]
    public async Task Upload_1GiB_ArrivesUnchanged()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(180));
        await using var target = new TargetServer(Handlers.DigestAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);

        var pattern = new Pattern(Gibibyte);
        while (pattern.Next() is { IsEmpty: false } block)
        {
            await client.SendAsync(block, token);
        }

        client.EndWriting();

        Assert.Equal($"{Gibibyte} {Pattern.Sha256(Gibibyte)}", await client.ReceiveToEndAsync(token));
    }

    [Fact]
    public async Task Download_1GiB_ArrivesUnchanged()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(180));
        await using var target = new TargetServer(Handlers.SourceAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);

        await client.SendAsync($"{Gibibyte}\n", token);

        Assert.Equal($"{Gibibyte} {Pattern.Sha256(Gibibyte)}", await client.DigestToEndAsync(token));
    }

    [Fact]
    public async Task Connections_2000AtOnce_EachEchoes()
    {
        const int count = 2000;
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        var clients = new TestClient[count];
        try
        {
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = token }, async (index, cancellation) =>
                clients[index] = await TestClient.ConnectAsync(port.Port, cancellation));
            await Task.WhenAll(clients.Select((client, index) => client.EchoAsync($"first {index}", token)));
            await Poll.UntilAsync("all are open at once", () => target.Active >= count, token);

            await Task.WhenAll(clients.Select((client, index) => client.EchoAsync($"second {index}", token)));
        }
        finally
        {
            foreach (var client in clients)
            {
                client?.Dispose();
            }
        }

        await Poll.UntilAsync("none is open", () => target.Active == 0, token);
    }

    [Fact]
    public async Task HalfClose_ClientEndsFirst_StillReadsTheAnswer()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.DigestAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);

        await client.SendAsync("abc", token);
        client.EndWriting();

        Assert.Equal("3 BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", await client.ReceiveToEndAsync(token));
    }

    [Fact]
    public async Task HalfClose_TargetEndsFirst_StillReadsTheClient()
    {
        var token = Timeouts.Token();
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var target = new TargetServer(async (connection, cancellation) =>
        {
            connection.EndWriting();
            var buffer = new byte[100];
            var length = 0;
            int read;
            while ((read = await connection.ReadAsync(buffer.AsMemory(length), cancellation)) > 0)
            {
                length += read;
            }

            if (length > 0)
            {
                received.TrySetResult(Encoding.ASCII.GetString(buffer, 0, length));
            }
        });
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);

        Assert.Equal("", await client.ReceiveToEndAsync(token));
        await client.SendAsync("after the end", token);
        client.EndWriting();

        Assert.Equal("after the end", await received.Task.WaitAsync(token));
    }

    [Fact]
    public async Task Reset_OfTheTarget_ReachesTheClient()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(async (connection, cancellation) =>
        {
            await connection.ReadAsync(new byte[1], cancellation);
            connection.Abort();
        });
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);

        await client.SendAsync("x", token);

        var exception = await Assert.ThrowsAsync<SocketException>(async () => await client.ReceiveAsync(new byte[1], token));
        Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
    }

    [Fact]
    public async Task Reset_OfTheClient_ReachesTheTarget()
    {
        var token = Timeouts.Token();
        var end = new TaskCompletionSource<SocketError>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var target = new TargetServer(async (connection, cancellation) =>
        {
            var first = await connection.ReadAsync(new byte[1], cancellation);
            if (first == 0)
            {
                return;
            }

            await connection.WriteAsync("y"u8.ToArray(), cancellation);
            try
            {
                await connection.ReadAsync(new byte[1], cancellation);
                end.TrySetResult(SocketError.Success);
            }
            catch (SocketException exception)
            {
                end.TrySetResult(exception.SocketErrorCode);
            }
        });
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.SendAsync("x", token);
        await client.ReceiveExactlyAsync(1, token);

        client.Abort();

        Assert.Equal(SocketError.ConnectionReset, await end.Task.WaitAsync(token));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.2")]
    [InlineData("::1", "::1")]
    public async Task Client_OfEitherFamily_IsSeenAsItself(string server, string source)
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.WhoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(IPAddress.Parse(server), port.Port, token, IPAddress.Parse(source));
        var from = client.LocalEndPoint;

        client.EndWriting();

        Assert.Equal($"{from} {new IPEndPoint(IPAddress.Parse(server), port.Port)}", await client.ReceiveToEndAsync(token));
    }

    [Fact]
    public async Task Target_OnIPv6_IsReached()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync, address: IPAddress.IPv6Loopback);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);

        await client.EchoAsync("to ::1 and back", token);
    }
}
