using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;

namespace RemoteIngress.Client;

/// <summary>The operations over the grains.</summary>
internal sealed class RemoteIngressClient(RegistryCalls calls, TimeProvider time, ILogger<EdgeWatch> logger) : IRemoteIngressClient
{
    public Task<ReconcileResult> UpdateAllowedEdgesAsync(IReadOnlyList<AllowedEdge> edges, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edges);

        // a copy of a kind that Orleans knows: the list may be of any
        var list = edges.ToImmutableArray();
        return calls.LongAsync(grains => Fleet(grains).UpdateAllowedEdgesAsync(list), cancellationToken);
    }

    public Task<EdgeChangeResult> UpsertEdgeAsync(AllowedEdge edge, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edge);
        return calls.ShortAsync(grains => Fleet(grains).UpsertAsync(edge), cancellationToken);
    }

    public Task<EdgeChangeResult> RemoveEdgeAsync(string edgeId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(edgeId);
        return calls.ShortAsync(grains => Fleet(grains).RemoveAsync(edgeId), cancellationToken);
    }

    public Task<EdgeView?> GetEdgeAsync(string edgeId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(edgeId);
        return calls.ShortAsync(grains => grains.GetGrain<IEdgeGrain>(edgeId).GetViewAsync(), cancellationToken);
    }

    public async Task<IReadOnlyList<EdgeView>> ListEdgesAsync(CancellationToken cancellationToken = default) =>
        await calls.LongAsync(grains => Fleet(grains).ListAsync(), cancellationToken);

    public Task<SecretRotation?> RotateSecretAsync(string edgeId, TimeSpan? overlap = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(edgeId);

        // made here, so that an attempt that is made again asks for the same
        var secret = EdgeSecret.Create();
        return calls.ShortAsync(grains => Fleet(grains).RotateSecretAsync(edgeId, secret, overlap), cancellationToken);
    }

    public Task<EdgeTokenResult> IssueTokenAsync(
        string edgeId, string secret, IReadOnlyList<string>? hubs = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(edgeId);
        ArgumentException.ThrowIfNullOrEmpty(secret);
        var request = new EdgeTokenRequest { EdgeId = edgeId, Secret = secret, Hubs = [.. hubs ?? []] };
        return calls.ShortAsync(grains => Hubs(grains).IssueTokenAsync(request), cancellationToken);
    }

    public async Task<IReadOnlyList<HubView>> ListHubsAsync(CancellationToken cancellationToken = default) =>
        await calls.ShortAsync(grains => Hubs(grains).ListAsync(), cancellationToken);

    public async Task<ClusterStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        var hubs = ListHubsAsync(cancellationToken);
        var edges = ListEdgesAsync(cancellationToken);
        await Task.WhenAll(hubs, edges);
        return new ClusterStatus(await hubs, await edges);
    }

    public IAsyncEnumerable<EdgeEvent> WatchAsync(CancellationToken cancellationToken = default) =>
        new EdgeWatch(ListEdgesAsync, time, logger).RunAsync(cancellationToken);

    private static IFleetGrain Fleet(IGrainFactory grains) => grains.GetGrain<IFleetGrain>(IFleetGrain.DefaultKey);

    private static IHubsGrain Hubs(IGrainFactory grains) => grains.GetGrain<IHubsGrain>(0);
}
