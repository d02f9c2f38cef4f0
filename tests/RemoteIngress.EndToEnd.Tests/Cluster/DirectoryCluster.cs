using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Redis;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>Hubs of one cluster as processes on loopback, over a Redis of their own. The first one has the list of edges.</summary>
internal sealed class DirectoryCluster : IAsyncDisposable
{
    private readonly TempDirectory _data = new();
    private readonly List<DirectoryHub> _hubs = [];
    private readonly RedisServer _redis;

    private DirectoryCluster(RedisServer redis) => _redis = redis;

    internal static async Task<DirectoryCluster> StartAsync(int hubs, CancellationToken token, params PortSpec[] ports)
    {
        var cluster = new DirectoryCluster(await RedisServer.StartNewAsync());
        try
        {
            var edges = cluster._data.Write("edges.json", EdgeSpec.ToJson(TunnelFixture.Spec(ports)));
            await cluster.AddHubAsync(token, "--allowed-edges", edges);
            await Task.WhenAll(Enumerable.Range(1, hubs - 1).Select(_ => cluster.AddHubAsync(token)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    internal DirectoryHub this[int index] => _hubs[index];

    internal async Task<DirectoryHub> AddHubAsync(CancellationToken token, params string[] arguments)
    {
        var hub = new DirectoryHub($"hub-{_hubs.Count + 1}", ["--redis", _redis.ConnectionString, "--cluster-id", "directory", .. arguments]);
        _hubs.Add(hub);
        await hub.ReadyAsync(token);
        return hub;
    }

    /// <summary>Starts the edge with one hub and a directory to keep things in.</summary>
    internal DirectoryEdge StartEdge(DirectoryHub hub) => new(hub.Address, "--data-dir", Path.Combine(_data.Path, "edge"));

    public async ValueTask DisposeAsync()
    {
        foreach (var hub in _hubs)
        {
            await hub.DisposeAsync();
        }

        await _redis.DisposeAsync();
        _data.Dispose();
    }
}
