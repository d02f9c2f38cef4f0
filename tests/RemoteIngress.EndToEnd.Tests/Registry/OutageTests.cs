using System.Diagnostics;
using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Registry;

/// <summary>Redis is gone, and with it whoever could say what an edge may do.</summary>
public sealed class OutageTests
{
    private const int Others = 4;
    // The deadline of a call is 2.5 s; a call that waits for nothing but its silo takes 30.
    private static readonly TimeSpan FailLimit = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task EdgeRestartedWhileRedisIsDown_IsServed()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var hubs = await RegistryHubs.StartAsync(1, token, TunnelFixture.Spec(port));
        await using (var edge = new EdgeFixture(hubs[0].Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret))
        {
            await edge.WaitForPortsAsync([port.Port], token);
            await hubs.Redis.StopAsync();
            await EchoAsync(port.Port, token);
        }

        await using var again = new EdgeFixture(hubs[0].Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret);
        await again.WaitForPortsAsync([port.Port], token);
        await EchoAsync(port.Port, token);
    }

    [Fact]
    public async Task EdgesWhoseGrainsDiedWithAnotherHub_AreServedByWhatIsKnownAndNobodyElseIs()
    {
        var token = Timeouts.Token();
        string[] ids = [.. Enumerable.Range(0, Others).Select(i => $"edge-{i}")];

        // a hub that is alone holds every grain, and keeps them when another one joins
        await using var hubs = await RegistryHubs.StartAsync(1, token, [.. ids.Select(id => new EdgeSpec(id, TunnelFixture.Secret))]);
        var survivor = await hubs.AddAsync(token);
        foreach (var id in ids)
        {
            (await FalseEdge.ConnectAsync(survivor.Setup.TunnelPort, id, TunnelFixture.Secret, token)).Dispose();
        }

        // with Redis gone a hub that dies cannot be declared dead: the grains it held are out of reach for as long as that lasts
        await hubs.Redis.StopAsync();
        await RegistryHubs.KillAsync(hubs[0], token);

        await Task.WhenAll(ids.Select(async id => (await FalseEdge.ConnectAsync(survivor.Setup.TunnelPort, id, TunnelFixture.Secret, token)).Dispose()));
        Assert.All(ids, id => Assert.Contains($"Edge {id} is served by what was known of it last", survivor.Process.Text, StringComparison.Ordinal));

        await Assert.ThrowsAnyAsync<Exception>(() => FalseEdge.ConnectAsync(survivor.Setup.TunnelPort, ids[0], "a wrong secret", token));
        await Assert.ThrowsAnyAsync<Exception>(() => FalseEdge.ConnectAsync(survivor.Setup.TunnelPort, "nobody", TunnelFixture.Secret, token));
    }

    [Fact]
    public async Task HubRestartedWhileRedisIsDown_ServesTheEdgesThatItHasServed()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var hubs = await RegistryHubs.StartAsync(1, token, TunnelFixture.Spec(port));
        await using var edge = new EdgeFixture(hubs[0].Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret);
        await edge.WaitForPortsAsync([port.Port], token);
        var file = Path.Combine(hubs[0].Setup.Data.Path, "hub-1", "last-known-edges");
        await Poll.UntilAsync("what is known is on disk", () => File.Exists(file), token);

        await hubs.Redis.StopAsync();
        await RegistryHubs.KillAsync(hubs[0], token);
        await hubs.RestartAsync(0, token);

        await Poll.UntilAsync("the edge is served", cancellation => EchoesAsync(port.Port, cancellation), token);

        // and obeys the registry again as soon as there is one
        await hubs.Redis.StartAsync();
        await Poll.UntilAsync("the registry is back", async cancellation => (await hubs[0].DeleteAsync("edges/" + TunnelFixture.EdgeId, cancellation)).Status == 200, token);
        await Poll.UntilAsync("the tunnels are gone", async cancellation => (await hubs[0].ConnectedEdgesAsync(cancellation)).Count == 0, token);
    }

    [Fact]
    public async Task UpdatesWhileRedisIsDown_FailSoonAndClearlyAndWorkSoonAfterItsReturn()
    {
        var token = Timeouts.Token();
        await using var hubs = await RegistryHubs.StartAsync(1, token, new EdgeSpec("a", TunnelFixture.Secret), new EdgeSpec("b", TunnelFixture.Secret));
        await hubs.Redis.StopAsync();

        (string What, HttpMethod Method, string Path, string? Body)[] updates =
        [
            ("list", HttpMethod.Put, "edges", EdgeSpec.ToJson(new EdgeSpec("c", "another secret"))),
            ("list of one that is there", HttpMethod.Put, "edges", EdgeSpec.ToJson(new EdgeSpec("a", "another secret"))),
            ("new edge", HttpMethod.Put, "edges/c", """{"id":"c","secret":"another secret"}"""),
            ("edge", HttpMethod.Put, "edges/a", """{"id":"a","listenPorts":[80]}"""),
            ("removal", HttpMethod.Delete, "edges/a", null),
            ("rotation", HttpMethod.Post, "edges/a/rotate-secret", null),
        ];
        foreach (var (what, method, path, body) in updates)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            var clock = Stopwatch.StartNew();
            using var response = await hubs[0].Api.SendAsync(request, token);
            TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {(int)response.StatusCode} after {clock.ElapsedMilliseconds} ms");
            Assert.Equal(503, (int)response.StatusCode);
            Assert.True(clock.Elapsed < FailLimit, $"{what} took {clock.ElapsedMilliseconds} ms");
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            var problem = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(token));
            Assert.StartsWith("the registry ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        await hubs.Redis.StartAsync();
        var back = Stopwatch.StartNew();
        await Poll.UntilAsync(
            "updates work again",
            async cancellation => (await hubs[0].PutAsync("edges", EdgeSpec.ToJson(new EdgeSpec("c", "another secret")), cancellation)).Status == 200,
            token);
        Assert.True(back.Elapsed < FailLimit, $"took {back.ElapsedMilliseconds} ms");
        Assert.Equal(["c"], JsonSerializer.Deserialize<JsonElement>(await hubs[0].GetAsync("edges", token)).EnumerateArray().Select(edge => edge.GetProperty("id").GetString()));
    }

    private static async Task EchoAsync(int port, CancellationToken token)
    {
        using var client = await TestClient.ConnectAsync(port, token);
        await client.EchoAsync("still here", token);
    }

    private static async Task<bool> EchoesAsync(int port, CancellationToken token)
    {
        try
        {
            await EchoAsync(port, token);
            return true;
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or EndOfStreamException)
        {
            return false;
        }
    }
}
