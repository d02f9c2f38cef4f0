using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Redis;
using StackExchange.Redis;

namespace RemoteIngress.EndToEnd.Tests.Registry;

/// <summary>Some hubs as processes that share a registry in a Redis of their own.</summary>
internal sealed class RegistryHubs : IAsyncDisposable
{
    public const string FleetKey = "remoteingress/state/fleet/default/fleet";

    private readonly TempDirectory _data = new();
    private readonly List<HubFixture> _hubs = [];

    private RegistryHubs(RedisServer redis) => Redis = redis;

    public RedisServer Redis { get; }

    public HubFixture this[int index] => _hubs[index];

    public IEnumerable<HubFixture> All => _hubs;

    /// <summary>Starts Redis and so many hubs, one after the other; the first makes the registry hold these edges.</summary>
    public static async Task<RegistryHubs> StartAsync(int count, CancellationToken token, params EdgeSpec[] edges)
    {
        var hubs = new RegistryHubs(await RedisServer.StartNewAsync());
        try
        {
            for (var i = 0; i < count; i++)
            {
                await hubs.AddAsync(token, i == 0 ? edges : null);
            }

            return hubs;
        }
        catch
        {
            await hubs.DisposeAsync();
            throw;
        }
    }

    public async Task<HubFixture> AddAsync(CancellationToken token, IReadOnlyList<EdgeSpec>? edges = null)
    {
        var port = Ports.Free();
        var hub = await HubFixture.StartAsync(
            new HubSetup
            {
                Data = _data,
                HubId = $"hub-{_hubs.Count + 1}",
                TunnelPort = port,
                Edges = edges,
                Arguments = ["--redis", Redis.ConnectionString, "--advertise", $"127.0.0.1:{port}"],
            },
            token);
        _hubs.Add(hub);
        return hub;
    }

    /// <summary>Kills the process of a hub, as a power cut would.</summary>
    public static async Task KillAsync(HubFixture hub, CancellationToken token)
    {
        hub.Process.Send(Signal.Kill);
        await hub.Process.WaitForExitAsync(token);
    }

    /// <summary>Starts a hub again as it was, after its process ended. What it was told of edges at its first start is not repeated.</summary>
    public async Task<HubFixture> RestartAsync(int index, CancellationToken token)
    {
        var setup = _hubs[index].Setup with { Edges = null };
        await _hubs[index].DisposeAsync();
        return _hubs[index] = await HubFixture.StartAsync(setup, token);
    }

    /// <summary>What the fleet's state is in Redis right now.</summary>
    public static async Task<JsonElement?> FleetStateAsync(IDatabase database)
    {
        var text = (string?)await database.HashGetAsync(FleetKey, "data");
        return text is null ? null : JsonSerializer.Deserialize<JsonElement>(text);
    }

    public static bool HasPending(JsonElement? fleet) =>
        fleet is { } state && (state.GetProperty("pendingCommits").GetArrayLength() > 0 || state.GetProperty("pendingRemovals").GetArrayLength() > 0);

    /// <summary>Every stored state with its etag, which changes with every write.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> EtagsAsync(IConnectionMultiplexer redis)
    {
        var keys = new List<RedisKey>();
        await foreach (var key in redis.GetServers()[0].KeysAsync(pattern: "*/state/*", pageSize: 1000))
        {
            keys.Add(key);
        }

        var etags = await Task.WhenAll(keys.Select(key => redis.GetDatabase().HashGetAsync(key, "etag")));
        return keys.Zip(etags).ToDictionary(pair => pair.First.ToString(), pair => pair.Second.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hub in _hubs)
        {
            // the sockets between hubs come and go with the others: what is left over is counted where a hub is alone
            await hub.Process.DisposeAsync();
            await hub.DisposeAsync();
        }

        await Redis.DisposeAsync();
        _data.Dispose();
    }
}
