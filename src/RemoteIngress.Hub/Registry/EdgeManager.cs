using System.Collections.Immutable;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry;

/// <summary>
/// The registry as a manager uses it: what the HTTP API and the embedded hub call. Every method throws
/// <see cref="RegistryUnavailableException"/> when the registry cannot be asked.
/// </summary>
internal sealed class EdgeManager(RegistryCalls calls)
{
    public Task<ReconcileResult> UpdateAllowedEdgesAsync(IReadOnlyList<AllowedEdge> edges, CancellationToken cancellationToken)
    {
        var list = edges.ToImmutableArray();
        return calls.LongAsync(grains => Fleet(grains).UpdateAllowedEdgesAsync(list), cancellationToken);
    }

    public Task<EdgeChangeResult> UpsertAsync(AllowedEdge edge, CancellationToken cancellationToken) =>
        calls.ShortAsync(grains => Fleet(grains).UpsertAsync(edge), cancellationToken);

    public Task<EdgeChangeResult> RemoveAsync(string edgeId, CancellationToken cancellationToken) =>
        calls.ShortAsync(grains => Fleet(grains).RemoveAsync(edgeId), cancellationToken);

    public Task<EdgeView?> GetAsync(string edgeId, CancellationToken cancellationToken) =>
        calls.ShortAsync(grains => grains.GetGrain<IEdgeGrain>(edgeId).GetViewAsync(), cancellationToken);

    public Task<ImmutableArray<EdgeView>> ListAsync(CancellationToken cancellationToken) =>
        calls.LongAsync(grains => Fleet(grains).ListAsync(), cancellationToken);

    public Task<SecretRotation?> RotateSecretAsync(string edgeId, TimeSpan? overlap, CancellationToken cancellationToken)
    {
        // made here and not by the edge: a call that is tried again must not end the secret that the first one left for the overlap
        var secret = EdgeSecret.Create();
        return calls.ShortAsync(grains => Fleet(grains).RotateSecretAsync(edgeId, secret, overlap), cancellationToken);
    }

    public Task<bool?> VerifySecretAsync(string edgeId, string secret, CancellationToken cancellationToken) =>
        calls.ShortAsync(grains => grains.GetGrain<IEdgeGrain>(edgeId).VerifySecretAsync(secret), cancellationToken);

    /// <summary>Wakes the fleet, so that it finishes what a crash interrupted.</summary>
    public Task<int> TouchAsync(CancellationToken cancellationToken) =>
        calls.ShortAsync(grains => Fleet(grains).TouchAsync(), cancellationToken);

    /// <summary>Has the registry look whether its storage still has all of it.</summary>
    public Task<bool> RepairAsync(CancellationToken cancellationToken) =>
        calls.ShortAsync(grains => Fleet(grains).RepairAsync(), cancellationToken);

    private static IFleetGrain Fleet(IGrainFactory grains) => grains.GetGrain<IFleetGrain>(IFleetGrain.DefaultKey);
}
