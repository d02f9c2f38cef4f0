using System.Text;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Silo;
using RemoteIngress.Hub.Tests.Registry;
using RemoteIngress.Testing.Redis;
using StackExchange.Redis;
using static RemoteIngress.Hub.Tests.Registry.RegistryCluster;

namespace RemoteIngress.Hub.Tests.Silo;

public sealed class RedisRegistryTests : IAsyncLifetime
{
    private RedisServer _redis = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartNewAsync();

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task The_registry_survives_a_restart_of_hub_and_redis()
    {
        var edge = NewEdge(ports: [80]);
        long generation;
        await using (var first = NewSilo())
        {
            await first.StartAsync(Token);
            Assert.Equal(new RegistryStatus("redis", Healthy: true), first.Status);
            generation = (await first.Edges.UpsertAsync(edge, Token)).Generation;
        }

        await _redis.StopAsync();
        await _redis.StartAsync();
        await using var second = NewSilo();
        await second.StartAsync(Token);

        var record = await second.Registry.FindAsync(edge.Id, Token);
        Assert.Equal(generation, record!.Generation);
        Assert.Equal([80], record.Settings.ListenPorts);
        Assert.Equal([edge.Id], (await second.Edges.ListAsync(Token)).Select(view => view.Id));
        Assert.True(await second.Edges.VerifySecretAsync(edge.Id, "correct horse", Token));
    }

    [Fact]
    public async Task An_unchanged_list_writes_nothing_to_redis_and_pushes_nothing()
    {
        AllowedEdge[] edges = [NewEdge(ports: [80]), NewEdge(ports: [443])];
        var sink = new RecordingSink();
        await using (var first = NewSilo(edges: edges))
        {
            await first.StartAsync(Token);
        }

        var before = await StateAsync();
        await using (var second = NewSilo(sink, edges))
        {
            // a full reconcile at the start, and again
            await second.StartAsync(Token);
            Assert.Equal(2, (await second.Edges.UpdateAllowedEdgesAsync(edges, Token)).Unchanged.Length);
        }

        Assert.Equal(before, await StateAsync());
        Assert.Equal(4, before.Count); // two edges, the fleet and its seals
        Assert.Empty(sink.Arrivals);
    }

    [Fact]
    public async Task Redis_never_holds_a_secret_nor_a_type_name()
    {
        const string secret = "very-secret-4711";
        string rotated;
        await using (var silo = NewSilo(edges: [NewEdge("edge-a", secret, 80), NewEdge("edge-b", secret, 81)]))
        {
            await silo.StartAsync(Token);
            await silo.Edges.UpsertAsync(NewEdge("edge-c", secret, 82), Token);
            rotated = (await silo.Edges.RotateSecretAsync("edge-b", TimeSpan.FromHours(1), Token))!.Secret;
            AssertClean(await DumpAsync());
        }

        AssertClean(await DumpAsync());

        void AssertClean(string dump)
        {
            Assert.Contains("edge-c", dump);
            Assert.DoesNotContain(secret, dump);
            Assert.DoesNotContain(rotated, dump);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('='), dump);
            Assert.DoesNotContain("$type", dump);
        }
    }

    [Fact]
    public async Task Without_redis_what_is_warm_is_answered_and_the_rest_is_unavailable_until_it_is_back()
    {
        var edge = NewEdge(ports: [80]);
        await using var silo = NewSilo(edges: [edge]);
        await silo.StartAsync(Token);
        await _redis.StopAsync();

        Assert.NotNull(await silo.Registry.FindAsync(edge.Id, Token));
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => silo.Registry.FindAsync("never-seen", Token));
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => silo.Edges.UpsertAsync(edge with { ListenPorts = [81] }, Token));
        Assert.False(silo.Status.Healthy);
        Assert.Equal([80], (await silo.Registry.FindAsync(edge.Id, Token))!.Settings.ListenPorts);

        await _redis.StartAsync();
        await UntilAsync(async () => (await silo.Edges.UpsertAsync(edge with { ListenPorts = [81] }, Token)).Outcome == EdgeChangeOutcome.Updated);
        Assert.Equal([81], (await silo.Registry.FindAsync(edge.Id, Token))!.Settings.ListenPorts);
    }

    [Fact]
    public async Task Two_hubs_on_one_redis_share_edges_and_hear_of_each_others_changes()
    {
        RecordingSink oneSink = new(), twoSink = new();
        await using var one = NewSilo(oneSink);
        await using var two = SiloHostTests.NewSilo(twoSink, options => (options.Redis, options.HubId) = (_redis.ConnectionString, "hub-2"));
        await one.StartAsync(Token);
        await two.StartAsync(Token);
        var edge = NewEdge(ports: [80]);

        var created = await one.Edges.UpsertAsync(edge, Token);
        await Task.WhenAll(oneSink.ChangedAsync(edge.Id), twoSink.ChangedAsync(edge.Id));

        Assert.Equal(created.Generation, (await two.Registry.FindAsync(edge.Id, Token))!.Generation);
        await two.Edges.RemoveAsync(edge.Id, Token);
        await Task.WhenAll(oneSink.RemovedAsync(edge.Id), twoSink.RemovedAsync(edge.Id));
    }

    private SiloHost NewSilo(RecordingSink? sink = null, IReadOnlyList<AllowedEdge>? edges = null) =>
        SiloHostTests.NewSilo(sink ?? new RecordingSink(), options => (options.Redis, options.AllowedEdges) = (_redis.ConnectionString, edges));

    /// <summary>Every stored state with its etag, which changes at every write.</summary>
    private async Task<SortedDictionary<string, string>> StateAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
        var state = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var key in connection.GetServers()[0].KeysAsync(pattern: "*/state/*"))
        {
            var entries = await connection.GetDatabase().HashGetAllAsync(key);
            state[key!] = string.Join('\n', entries.Select(entry => $"{entry.Name}={entry.Value}"));
        }

        return state;
    }

    private async Task<string> DumpAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
        var dump = new StringBuilder();
        await foreach (var key in connection.GetServers()[0].KeysAsync())
        {
            dump.AppendLine(key);
            if (await connection.GetDatabase().KeyTypeAsync(key) == RedisType.String)
            {
                dump.AppendLine(await connection.GetDatabase().StringGetAsync(key));
                continue;
            }

            foreach (var entry in await connection.GetDatabase().HashGetAllAsync(key))
            {
                dump.Append(entry.Name.ToString()).Append('=').AppendLine(entry.Value.ToString());
            }
        }

        return dump.ToString();
    }

    // the connection comes back in its own time: asks again until it has, and the test's own token is the limit
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (true)
        {
            Token.ThrowIfCancellationRequested();
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (RegistryUnavailableException)
            {
                // not yet
            }
        }
    }
}
