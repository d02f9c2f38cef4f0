using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Redis;
using StackExchange.Redis;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>Hubs as processes on one Redis of their own.</summary>
internal sealed class HubCluster : IAsyncDisposable
{
    private readonly List<(HubFixture Hub, TempDirectory Data)> _hubs = [];
    private readonly ConnectionMultiplexer _connection;

    private HubCluster(RedisServer redis, ConnectionMultiplexer connection)
    {
        Redis = redis;
        _connection = connection;
    }

    public RedisServer Redis { get; }

    public static async Task<HubCluster> CreateAsync()
    {
        var redis = await RedisServer.StartNewAsync();
        return new HubCluster(redis, await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",abortConnect=false"));
    }

    /// <summary>Starts one more; what is given as its edges becomes the list of all.</summary>
    public async Task<HubFixture> StartHubAsync(
        CancellationToken token, IReadOnlyList<EdgeSpec>? edges = null, IReadOnlyList<string>? arguments = null)
    {
        var data = new TempDirectory();
        var hub = await HubFixture.StartAsync(
            new HubSetup
            {
                HubId = $"hub-{_hubs.Count + 1}",
                Edges = edges,
                Data = data,
                Arguments = ["--redis", Redis.ConnectionString, .. arguments ?? []],
            },
            token);
        _hubs.Add((hub, data));
        return hub;
    }

    /// <summary>An edge with a tunnel to each of these hubs.</summary>
    public static EdgeFixture NewEdge(params IReadOnlyList<HubFixture> hubs) => new(
        hubs[0].Setup.TunnelPort,
        TunnelFixture.EdgeId,
        TunnelFixture.Secret,
        hubs.Skip(1).SelectMany(hub => new[] { "--hub", $"127.0.0.1:{hub.Setup.TunnelPort}" }));

    /// <summary>Waits until that many hubs are active, as Redis has it.</summary>
    public Task WaitForHubsAsync(int count, CancellationToken token) =>
        Poll.UntilAsync($"{count} hubs are active", async _ => await CountAsync("Active") == count, token);

    /// <summary>How many rows of the membership are in this state.</summary>
    public async Task<int> CountAsync(string status)
    {
        var rows = await _connection.GetDatabase().HashGetAllAsync("remoteingress/members/remoteingress");
        return rows.Count(row => row.Name != "Version" && Status(row.Value!) == status);
    }

    /// <summary>Names of everything that Redis has, but for the seals of the list: they belong to a revision, and come with the next list that changes something.</summary>
    public async Task<IReadOnlySet<string>> KeysAsync()
    {
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var key in _connection.GetServers()[0].KeysAsync())
        {
            if (!((string)key!).EndsWith("/seal", StringComparison.Ordinal))
            {
                keys.Add(key!);
            }
        }

        return keys;
    }

    public static async Task<(int Status, string Body)> ReadyAsync(HubFixture hub, CancellationToken token)
    {
        using var answer = await hub.Api.GetAsync(new Uri(hub.AdminUrl + "/readyz"), token);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(token));
    }

    /// <summary>The silo port and the gateway port of a hub, as its log tells them.</summary>
    public static (int Silo, int Gateway) PortsOf(HubFixture hub)
    {
        var words = hub.Process.Lines.Last(line => line.Contains("silo port", StringComparison.Ordinal)).Split(' ', ',');
        return (Number("silo"), Number("gateway"));

        int Number(string which) => int.Parse(words[Array.LastIndexOf(words, which) + 2], System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (hub, data) in _hubs)
        {
            // What they hold beside their loops changes with the cluster: not what these tests are about.
            await hub.Process.DisposeAsync();
            await hub.DisposeAsync();
            data.Dispose();
        }

        await _connection.DisposeAsync();
        await Redis.DisposeAsync();
    }

    private static string Status(string row)
    {
        var status = JsonSerializer.Deserialize<JsonElement>(row).GetProperty("Status");
        return status.ValueKind == JsonValueKind.String ? status.GetString()! : ((Orleans.Runtime.SiloStatus)status.GetInt32()).ToString();
    }
}
