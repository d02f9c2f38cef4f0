using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RemoteIngress.Client;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

public sealed class RedisEmptyTests
{
    [Fact]
    public async Task Redis_BackEmpty_DisconnectsNobodyAndTheRegistryIsWholeAgain()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(90));
        await using var target = new TargetServer(Handlers.EchoAsync);
        await using var cluster = await HubCluster.CreateAsync();
        var (port, added) = (TunnelFixture.Port(target.EndPoint), TunnelFixture.Port(target.EndPoint));
        var idle = new EdgeSpec("idle", "a-secret-that-nobody-uses");
        var one = await cluster.StartHubAsync(token, [TunnelFixture.Spec(port), idle]);
        var two = await cluster.StartHubAsync(token);
        await cluster.WaitForHubsAsync(2, token);
        await using var edge = HubCluster.NewEdge(one, two);
        await edge.WaitForPortsAsync([port], token);
        await using var download = await SteadyTransfer.StartAsync(port.Port, token);
        var keys = await cluster.KeysAsync();
        Assert.Equal(3, keys.Count(key => key.Contains("/state/", StringComparison.Ordinal)));

        await cluster.Redis.StopAsync();
        await download.GoesOnAsync("without Redis", token);
        await cluster.Redis.StartEmptyAsync();

        await cluster.WaitForHubsAsync(2, token);
        await Poll.UntilAsync("Redis has every key again", async _ => keys.IsSubsetOf(await cluster.KeysAsync()), token);
        foreach (var hub in new[] { one, two })
        {
            Assert.Equal([TunnelFixture.EdgeId, "idle"], await ListAsync(hub, token));
            Assert.Equal(0, (await hub.ReadMetricsAsync(token)).Sum("remoteingress_hub_tunnel_ends_total"));
        }

        // the same cluster, not a second one: what is changed there arrives here
        var three = await cluster.StartHubAsync(token);
        await cluster.WaitForHubsAsync(3, token);
        Assert.Equal([TunnelFixture.EdgeId, "idle"], await ListAsync(three, token));
        await three.PutEdgesAsync(token, TunnelFixture.Spec(port, added), idle);
        await edge.WaitForPortsAsync([added], token);
        Assert.Equal(
            [TunnelFixture.EdgeId, "idle"],
            (await ListAsync(cluster.Redis.ConnectionString, token)).Select(view => view.Id));
        await download.GoesOnAsync("to the end", token);
    }

    private static async Task<string[]> ListAsync(HubFixture hub, CancellationToken token) =>
    [
        .. JsonSerializer.Deserialize<JsonElement>(await hub.GetAsync("edges", token)).EnumerateArray().Select(edge => edge.GetProperty("id").GetString()!),
    ];

    private static async Task<IReadOnlyList<Contracts.EdgeView>> ListAsync(string redis, CancellationToken token)
    {
        await using var services = new ServiceCollection().AddRemoteIngressClient(options => options.Redis = redis).BuildServiceProvider();
        return await services.GetRequiredService<IRemoteIngressClient>().ListEdgesAsync(token);
    }
}
