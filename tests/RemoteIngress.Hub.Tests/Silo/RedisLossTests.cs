using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Silo;
using RemoteIngress.Hub.Tests.Registry;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Redis;
using StackExchange.Redis;
using static RemoteIngress.Hub.Tests.Registry.RegistryCluster;

namespace RemoteIngress.Hub.Tests.Silo;

/// <summary>Hubs before Redis, and Redis after a loss of everything.</summary>
public sealed class RedisLossTests : IAsyncLifetime
{
    private readonly TempDirectory _data = new();
    private RedisServer _redis = null!;
    private ConnectionMultiplexer _connection = null!;

    private static CancellationToken Token => Timeouts.Token();

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        _connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString + ",abortConnect=false,allowAdmin=true");
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _redis.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task A_hub_that_is_there_before_redis_joins_when_it_comes_and_then_asks_for_its_edges()
    {
        await _redis.StopAsync();
        var edge = NewEdge(ports: [80]);
        await using var silo = NewSilo("hub-1", edges: [edge]);

        await silo.StartAsync(Token);

        Assert.Equal(new RegistryStatus("redis", Healthy: false, RedisLink.Unreachable), silo.Status);
        Assert.Equal(RedisLink.Unreachable, silo.NotRunningBecause);
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => silo.Registry.FindAsync(edge.Id, Token));

        await _redis.StartAsync();
        await Poll.UntilAsync("the hub has its edge", async _ => silo.IsRunning && await FindAsync(silo, edge.Id) is not null, Token);
        Assert.Null(silo.NotRunningBecause);
    }

    [Fact]
    public async Task What_redis_lost_is_put_back_and_another_hub_joins_the_same_cluster()
    {
        AllowedEdge live = NewEdge(ports: [80]), idle = NewEdge(ports: [81]);
        await using var one = NewSilo("hub-1", edges: [live, idle]);
        await one.StartAsync(Token);
        await using var two = NewSilo("hub-2");
        await two.StartAsync(Token);
        await Poll.UntilAsync("both know both", () => Active(one).Count == 2 && Active(two).Count == 2, Token);
        var before = await KeysAsync();

        // a hub that has not seen its own row yet cannot put it back
        await Poll.UntilAsync("the rows are known", () => one.KnowsItsRow && two.KnowsItsRow, Token);
        await _connection.GetServers()[0].FlushAllDatabasesAsync();

        await Poll.UntilAsync("every key is back", async _ => before.IsSubsetOf(await KeysAsync()), Token);
        Assert.True(one.Counters.RestoredRows + two.Counters.RestoredRows >= 2);
        await using var three = NewSilo("hub-3");
        await three.StartAsync(Token);
        await Poll.UntilAsync("all know all", () => Active(one).Count == 3 && Active(two).Count == 3 && Active(three).Count == 3, Token);
        Assert.Equal([live.Id, idle.Id], (await three.Edges.ListAsync(Token)).Select(view => view.Id).OrderBy(id => id == idle.Id));
        Assert.True(await three.Edges.VerifySecretAsync(live.Id, "correct horse", Token));
        Assert.Equal(EdgeChangeOutcome.Updated, (await three.Edges.UpsertAsync(live with { ListenPorts = [90] }, Token)).Outcome);
    }

    [Fact]
    public async Task A_hub_that_its_cluster_declared_dead_builds_its_silo_again()
    {
        var edge = NewEdge(ports: [80]);
        await using var one = NewSilo("hub-1", edges: [edge]);
        await one.StartAsync(Token);
        await using var two = NewSilo("hub-2");
        await two.StartAsync(Token);
        var dead = one.Membership!.CurrentSnapshot.Members.Values.Single(member => member.Name == "hub-1").SiloAddress;

        var connections = (await _connection.GetServers()[0].ClientListAsync()).Length;
        Assert.True(await two.Membership!.TryKill(dead));

        await Poll.UntilAsync("the silo was built again", () => one.Counters.Rebuilds == 1 && one.IsRunning, Token);
        Assert.Equal(dead.Endpoint.Port, one.SiloPort);
        await Poll.UntilAsync("both know both", () => Active(one).Count == 2 && Active(two).Count == 2, Token);
        Assert.DoesNotContain(dead, Active(two));
        Assert.Equal([80], (await one.Registry.FindAsync(edge.Id, Token))!.Settings.ListenPorts);
        Assert.Equal(EdgeChangeOutcome.Updated, (await one.Edges.UpsertAsync(edge with { ListenPorts = [90] }, Token)).Outcome);
        Assert.Equal([90], (await two.Registry.FindAsync(edge.Id, Token))!.Settings.ListenPorts);
        Assert.Equal(0, two.Counters.Rebuilds);
        await Poll.UntilAsync(
            "the dead silo's connections to Redis are closed", async _ => (await _connection.GetServers()[0].ClientListAsync()).Length <= connections, Token);
    }

    [Fact]
    public async Task Restored_rows_stand_above_every_version_and_replace_none()
    {
        var table = new MembershipTable("members");
        var database = _connection.GetDatabase();
        await database.HashSetAsync("members", [new("Version", "7"), new("S1", "present")]);

        var (version, restored) = await table.RestoreAsync(database, [("S1", "old"), ("S2", "lost")], view: 41);
        var rows = await table.ReadAsync(database);

        Assert.Equal((42, 1), (version, restored));
        Assert.Equal(42, rows.Version);
        Assert.Equal(("present", "lost"), (rows.ByAddress["S1"].ToString(), rows.ByAddress["S2"].ToString()));
        Assert.Equal(43, (await table.RestoreAsync(database, [], view: 5)).Version);
        Assert.Equal(1, (await new MembershipTable("none").RestoreAsync(database, [], view: 0)).Version);
    }

    [Fact]
    public async Task Decoys_are_the_same_at_every_hub_and_after_a_restart()
    {
        await using var one = NewSilo("hub-1");
        await one.StartAsync(Token);
        await using var two = NewSilo("hub-2", dataDir: _data.Path);
        await two.StartAsync(Token);
        await Poll.UntilAsync("both have one key", () => Key(one) == Key(two) && Key(two) == Kept(), Token);
        await two.StopAsync();
        await _redis.StopAsync();

        await using var again = NewSilo("hub-2", dataDir: _data.Path);
        Assert.Equal(Key(one), Key(again));

        string Kept() => File.Exists(KeyFile()) ? Convert.ToHexString(File.ReadAllBytes(KeyFile())) : "";
        string KeyFile() => Path.Combine(_data.Path, "decoy-key");
    }

    [Fact]
    public async Task A_hub_takes_its_ports_again()
    {
        (int Silo, int Gateway) ports;
        await using (var first = NewSilo("hub-1", dataDir: _data.Path))
        {
            await first.StartAsync(Token);
            ports = (first.SiloPort, first.GatewayPort);
        }

        await using (var second = NewSilo("hub-1", dataDir: _data.Path))
        {
            await second.StartAsync(Token);
            Assert.Equal(ports, (second.SiloPort, second.GatewayPort));

            // somebody has them: others will do
            await using var third = NewSilo("hub-2", dataDir: _data.Path);
            await third.StartAsync(Token);
            Assert.NotEqual(ports.Silo, third.SiloPort);
            Assert.NotEqual(ports.Gateway, third.GatewayPort);
        }
    }

    private static IReadOnlyList<SiloAddress> Active(SiloHost silo) =>
    [
        .. (silo.Membership?.CurrentSnapshot.Members.Values ?? [])
            .Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress),
    ];

    private static string Key(SiloHost silo) => Convert.ToHexString(silo.DecoyKey.Current.Span);

    private static async Task<EdgeRecord?> FindAsync(SiloHost silo, string edgeId)
    {
        try
        {
            return await silo.Registry.FindAsync(edgeId, Token);
        }
        catch (RegistryUnavailableException)
        {
            return null;
        }
    }

    private SiloHost NewSilo(string hubId, IReadOnlyList<AllowedEdge>? edges = null, string? dataDir = null) =>
        SiloHostTests.NewSilo(new RecordingSink(), options =>
        {
            (options.HubId, options.Redis, options.AllowedEdges, options.DataDir) = (hubId, _redis.ConnectionString, edges, dataDir);
        });

    // All but the seals, by which an unchanged list is known: they belong to the revision that was lost, and come with the next list that changes something.
    private async Task<HashSet<string>> KeysAsync()
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var key in _connection.GetServers()[0].KeysAsync())
        {
            if (!((string)key!).EndsWith("/" + RegistryNames.SealStateName, StringComparison.Ordinal))
            {
                keys.Add(key!);
            }
        }

        return keys;
    }
}
