using System.Net.Sockets;
using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Faults;

/// <summary>
/// Edge and hub with few descriptors, and more clients than that: whoever is beyond is refused at once, those who are in go on, the tunnel and
/// the HTTP endpoints stay, and what is given back is used again.
/// </summary>
public sealed class DescriptorTests
{
    private const int Few = 600;
    private const int Clients = 700;

    [Fact]
    public async Task SoftLimit_IsRaisedToTheHardOneAndTold()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        await using var tunnel = await TunnelFixture.StartAsync(
            [TunnelFixture.Port(target.EndPoint)], [], ["--performance", Performance(out var file, """{"maxStreams":1000}""")], token, hubFiles: "512:4000", edgeFiles: "512:4000");
        using var _ = file;

        foreach (var process in new[] { tunnel.Hub.Process, tunnel.Edge.Process })
        {
            var limits = await File.ReadAllLinesAsync($"/proc/{process.Id}/limits", token);
            var line = Assert.Single(limits, static line => line.StartsWith("Max open files", StringComparison.Ordinal));
            Assert.Equal(["4000", "4000"], line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3..5]);
        }

        // the hub wants 200,000 connections by default, this edge 1,000
        Assert.Contains(tunnel.Hub.Process.ErrorLines, static line => line.Contains("may open 4000 files and sockets, too few for maxStreams (200000)", StringComparison.Ordinal));
        Assert.Contains(tunnel.Edge.Process.ErrorLines, static line => line.EndsWith("may open 4000 files and sockets", StringComparison.Ordinal));
        Assert.Equal(4000, (await HubStatusAsync(tunnel, token)).GetProperty("descriptors").GetProperty("limit").GetInt32());
        Assert.Equal(4000, (await EdgeStatusAsync(tunnel, token)).GetProperty("descriptors").GetProperty("limit").GetInt32());
    }

    [Fact]
    public async Task Edge_WithoutDescriptors_RefusesClientsAndKeepsItsTunnel()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync([port], [], [], token, edgeFiles: $"{Few}:{Few}");
        var served = await ConnectManyAsync(port.Port, token);
        try
        {
            Assert.InRange(served.Count, 100, Few);
            Assert.True(await LimitAsync(EdgeStatusAsync, tunnel, token) >= Clients - served.Count, tunnel.Edge.Process.Text);
            Assert.Single(tunnel.Edge.Process.ErrorLines, static line => line.Contains("new clients are refused: only reserved descriptors are left", StringComparison.Ordinal));

            // The hub is restarted while clients hold every descriptor they can get: the tunnel comes back.
            tunnel.Hub.Process.Send(Testing.Processes.Signal.Kill);
            await tunnel.Hub.Process.WaitForExitAsync(token);
            await tunnel.RestartHubAsync(token);
            await Poll.UntilAsync("the tunnel is back", tunnel.Edge.IsConnectedAsync, token);
        }
        finally
        {
            served.ForEach(static client => client.Dispose());
        }

        await EverythingWorksAgainAsync(tunnel, port, token);
    }

    [Fact]
    public async Task Hub_WithoutDescriptors_RefusesStreamsAndKeepsItsTunnels()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync([port], [], [], token, hubFiles: $"{Few}:{Few}");
        var served = await ConnectManyAsync(port.Port, token);
        try
        {
            Assert.InRange(served.Count, 50, Few);
            Assert.True(await LimitAsync(HubStatusAsync, tunnel, token) >= Clients - served.Count, tunnel.Hub.Process.Text);
            var ended = (await HubStatusAsync(tunnel, token)).GetProperty("streamsEnded");
            Assert.True(ended.GetProperty("limit_reached").GetInt64() >= Clients - served.Count, $"{ended}");
            Assert.Single(tunnel.Hub.Process.ErrorLines, static line => line.Contains("Edge edge-1: new connections are refused: only reserved descriptors are left", StringComparison.Ordinal));

            // Another edge is let in: connections stop before tunnels do.
            await using var second = new EdgeFixture(tunnel.Hub.Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret);
            await Poll.UntilAsync("another tunnel is up", second.IsConnectedAsync, token);
        }
        finally
        {
            served.ForEach(static client => client.Dispose());
        }

        await EverythingWorksAgainAsync(tunnel, port, token);
    }

    /// <summary>All at once; returns those who are served, and sees that every other one was refused and not left hanging.</summary>
    private static async Task<List<TestClient>> ConnectManyAsync(int port, CancellationToken token)
    {
        var served = new List<TestClient>();
        for (var i = 0; i < Clients; i++)
        {
            TestClient? client = null;
            try
            {
                client = await TestClient.ConnectAsync(port, token);
                await client.EchoAsync("x", token);
                served.Add(client);
            }
            catch (Exception exception) when (exception is SocketException or EndOfStreamException)
            {
                client?.Dispose();
            }
        }

        // those who were in before the descriptors were used up have noticed nothing
        foreach (var client in served)
        {
            await client.EchoAsync("still", token);
        }

        return served;
    }

    private static async Task EverythingWorksAgainAsync(TunnelFixture tunnel, PortSpec port, CancellationToken token)
    {
        await Poll.UntilAsync(
            "the clients are gone", async cancellation => (await EdgeStatusAsync(tunnel, cancellation)).GetProperty("activeStreams").GetInt64() == 0, token);
        await Poll.UntilAsync(
            "a new client is served",
            async cancellation =>
            {
                try
                {
                    using var client = await TestClient.ConnectAsync(port.Port, cancellation);
                    await client.EchoAsync("again", cancellation);
                    return true;
                }
                catch (Exception exception) when (exception is SocketException or EndOfStreamException)
                {
                    return false;
                }
            },
            token);
    }

    private static async Task<long> LimitAsync(Func<TunnelFixture, CancellationToken, Task<JsonElement>> status, TunnelFixture tunnel, CancellationToken token) =>
        (await status(tunnel, token)).GetProperty("limits").GetProperty("descriptors").GetInt64();

    private static async Task<JsonElement> HubStatusAsync(TunnelFixture tunnel, CancellationToken token) =>
        JsonSerializer.Deserialize<JsonElement>(await tunnel.Hub.GetAsync("status", token));

    private static async Task<JsonElement> EdgeStatusAsync(TunnelFixture tunnel, CancellationToken token) =>
        await tunnel.Edge.TryGetStatusAsync(token) ?? throw new InvalidOperationException("the edge's status does not answer");

    private static string Performance(out TempDirectory directory, string json)
    {
        directory = new TempDirectory();
        return directory.Write("performance.json", json);
    }
}
