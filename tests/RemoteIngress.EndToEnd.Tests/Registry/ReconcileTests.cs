using System.Diagnostics;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Registry;

public sealed class ReconcileTests
{
    private static readonly TimeSpan PushLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RemoveLimit = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Ports_ChangedWhileTrafficFlows_FollowAndKeptConnectionsLiveOn()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var kept = TunnelFixture.Port(target.EndPoint);
        var changing = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, kept, changing);
        using var client = await TestClient.ConnectAsync(kept.Port, token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var traffic = EchoUntilAsync(client, stop.Token, token);

        // a process's first request compiles the code that answers it, which is not what is measured
        await tunnel.Hub.PutEdgesAsync(token, TunnelFixture.Spec(kept, changing));

        for (var round = 0; round < 5; round++)
        {
            var added = TunnelFixture.Port(target.EndPoint);
            var clock = Stopwatch.StartNew();
            await tunnel.Hub.PutEdgesAsync(token, TunnelFixture.Spec(kept, added));
            await Poll.UntilAsync("the added port answers", cancellation => EchoesAsync(added.Port, cancellation), token);
            await Poll.UntilAsync("the removed port refuses", async cancellation => !await Ports.AcceptsAsync(changing.Port, cancellation), token);
            TestContext.Current.TestOutputHelper?.WriteLine($"round {round}: {clock.ElapsedMilliseconds} ms");
            Assert.True(clock.Elapsed < PushLimit, $"round {round} took {clock.ElapsedMilliseconds} ms");
            changing = added;
        }

        await stop.CancelAsync();
        Assert.True(await traffic > 0);
    }

    [Fact]
    public async Task Port_Removed_ItsConnectionsAreClosed()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var (kept, removed) = (TunnelFixture.Port(target.EndPoint), TunnelFixture.Port(target.EndPoint));
        await using var tunnel = await TunnelFixture.StartAsync(token, kept, removed);
        using var client = await TestClient.ConnectAsync(removed.Port, token);
        await client.EchoAsync("before", token);

        await tunnel.Hub.PutEdgesAsync(token, TunnelFixture.Spec(kept));

        Assert.Equal(0, await EndAsync(client, token));
    }

    [Fact]
    public async Task List_Unchanged_WritesNothingToRedisAndPushesNothing()
    {
        var token = Timeouts.Token();
        await using var redis = await RedisTool.StartAsync(token);
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync([port], ["--redis", redis.Connection], [], token);
        var generation = await tunnel.Hub.GenerationAsync(TunnelFixture.EdgeId, token);
        var before = await GrainStateAsync(redis, token);

        var result = await tunnel.Hub.PutEdgesAsync(token, TunnelFixture.Spec(port));

        Assert.Equal([TunnelFixture.EdgeId], result.GetProperty("unchanged").EnumerateArray().Select(id => id.GetString()!));
        Assert.NotEmpty(before);
        Assert.Equal(before, await GrainStateAsync(redis, token));
        Assert.Equal(generation, await tunnel.Hub.GenerationAsync(TunnelFixture.EdgeId, token));

        // a real change does write, so the comparison above can fail
        await tunnel.Hub.PutEdgesAsync(token, TunnelFixture.Spec(port with { Open = "confirmed" }));
        Assert.NotEqual(before, await GrainStateAsync(redis, token));
        Assert.True(await tunnel.Hub.GenerationAsync(TunnelFixture.EdgeId, token) > generation);
    }

    [Fact]
    public async Task List_Invalid_ChangesNothingAndNamesEveryError()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        var before = await tunnel.Hub.GetAsync("edges", token);

        var (status, body) = await tunnel.Hub.PutAsync("edges", """
            [ { "id": "good", "secret": "s-good", "listenPorts": [12345] },
              { "id": "good", "secret": "s-twice" },
              { "id": "ports", "secret": "s-ports", "listenPorts": [0, 70000] },
              { "id": "cidr", "secret": "s-cidr", "firewallConfig": { "blockedIps": ["203.0.113.0/33"] } },
              { "id": "field", "secret": "s-field", "lissenPorts": [80] } ]
            """, token);

        Assert.InRange(status, 400, 422);
        foreach (var expected in new[] { "[1].id", "[2].listenPorts[0]", "[2].listenPorts[1]", "[3].firewallConfig.blockedIps[0]", "[4].lissenPorts" })
        {
            Assert.Contains(expected, body);
        }

        Assert.DoesNotContain("s-twice", body);
        Assert.Equal(before, await tunnel.Hub.GetAsync("edges", token));
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("still here", token);
    }

    [Fact]
    public async Task Secret_Changed_EndsTheTunnelsOfTheOldOne()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("before", token);

        await tunnel.Hub.PutEdgesAsync(token, TunnelFixture.Spec(port) with { Secret = "another-secret-5d1e" });

        Assert.Equal(0, await EndAsync(client, token));
        await Poll.UntilAsync("the edge lost its tunnels", async cancellation => !await tunnel.Edge.IsConnectedAsync(cancellation), token);
        Assert.Empty(await tunnel.Hub.ConnectedEdgesAsync(token));
        await tunnel.Edge.DisposeAsync();
        await using var renewed = new EdgeFixture(tunnel.Hub.Setup.TunnelPort, TunnelFixture.EdgeId, "another-secret-5d1e");
        await renewed.WaitForPortsAsync([port.Port], token);
        await renewed.DisposeAsync();
        await AssertNothingIsLeftAsync(tunnel.Hub, target, token);
    }

    [Fact]
    public async Task Edge_Removed_ItsTunnelEndsWithinASecond()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("before", token);

        var clock = Stopwatch.StartNew();
        var (status, body) = await tunnel.Hub.DeleteAsync("edges/" + TunnelFixture.EdgeId, token);
        await EndAsync(client, token);
        await Poll.UntilAsync("the hub has no tunnel of it", async cancellation => (await tunnel.Hub.ConnectedEdgesAsync(cancellation)).Count == 0, token);

        Assert.True(status is 200 or 204, $"{status} {body}");
        Assert.True(clock.Elapsed < RemoveLimit, $"took {clock.ElapsedMilliseconds} ms");
        await AssertNothingIsLeftAsync(tunnel.Hub, target, token);
    }

    /// <summary>Whatever hung on the ended tunnels is gone: the target is rid of it, and the hub has nothing to drain for 30 s.</summary>
    private static async Task AssertNothingIsLeftAsync(HubFixture hub, TargetServer target, CancellationToken token)
    {
        await Poll.UntilAsync("the target has no connection", () => target.Active == 0, token);
        Assert.Equal(0, await hub.Process.TerminateAsync(Timeouts.Within(TimeSpan.FromSeconds(20))));
    }

    private static async Task<int> EchoUntilAsync(TestClient client, CancellationToken stop, CancellationToken token)
    {
        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            await client.EchoAsync($"message {count++}", token);
        }

        return count;
    }

    private static async Task<bool> EchoesAsync(int port, CancellationToken token)
    {
        try
        {
            using var client = await TestClient.ConnectAsync(port, token);
            await client.EchoAsync("hello", token);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    /// <summary>Waits for the end of a connection, orderly or by a reset.</summary>
    private static async Task<int> EndAsync(TestClient client, CancellationToken token)
    {
        try
        {
            return await client.ReceiveAsync(new byte[1], token);
        }
        catch (System.Net.Sockets.SocketException)
        {
            return 0;
        }
    }

    /// <summary>Everything in Redis but the membership rows, which are written by the clock.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> GrainStateAsync(RedisTool redis, CancellationToken token) =>
        (await redis.DumpAsync(token)).Where(entry => !entry.Key.Contains("member", StringComparison.OrdinalIgnoreCase)).ToDictionary();
}
