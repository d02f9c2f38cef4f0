using System.Collections.Immutable;
using Orleans.Concurrency;

namespace RemoteIngress.Contracts;

/// <summary>The set of allowed edges of one fleet; the key is the fleet's name, <see cref="DefaultKey"/> unless there are several.</summary>
[Alias("remoteingress.IFleetGrain")]
public interface IFleetGrain : IGrainWithStringKey
{
    /// <summary>Key of the only fleet of most installations.</summary>
    const string DefaultKey = "default";

    /// <summary>
    /// Makes the fleet exactly <paramref name="edges"/>. Everything is validated first; with any error nothing changes.
    /// The intended set is written before the edges are told, and a crash in between is finished later.
    /// </summary>
    [Alias("UpdateAllowedEdges"), ResponseTimeout("00:02:00")]
    Task<ReconcileResult> UpdateAllowedEdgesAsync(ImmutableArray<AllowedEdge> edges);

    /// <summary>Adds one edge or changes it.</summary>
    [Alias("Upsert")]
    Task<EdgeChangeResult> UpsertAsync(AllowedEdge edge);

    /// <summary>Removes one edge.</summary>
    [Alias("Remove")]
    Task<EdgeChangeResult> RemoveAsync(string edgeId);

    /// <summary>Gives one edge a new secret, as <see cref="IEdgeGrain.RotateSecretAsync"/> says.</summary>
    [Alias("RotateSecret")]
    Task<SecretRotation?> RotateSecretAsync(string edgeId, string secret, TimeSpan? overlap);

    /// <summary>Every edge of the fleet, by id.</summary>
    [Alias("List"), ResponseTimeout("00:00:30"), ReadOnly, AlwaysInterleave]
    Task<ImmutableArray<EdgeView>> ListAsync();

    /// <summary>Wakes the fleet, so that it finishes what a crash interrupted; answers how many edges it has.</summary>
    [Alias("Touch"), ReadOnly, AlwaysInterleave]
    Task<int> TouchAsync();

    /// <summary>The set of edges; without the edges when its revision is <paramref name="known"/>.</summary>
    [Alias("GetSet"), ReadOnly, AlwaysInterleave]
    Task<FleetSet> GetSetAsync(long known);

    /// <summary>Gives back a set that was lost: it counts only when it is later than what the fleet has. Answers whether it does.</summary>
    [Alias("RestoreSet")]
    Task<bool> RestoreSetAsync(FleetSet lost);

    /// <summary>Gives back an edge whose grain has lost it. False: the edge is none of this fleet's, which is to be obeyed.</summary>
    [Alias("RestoreEdge")]
    Task<bool> RestoreEdgeAsync(EdgeIntent intent);

    /// <summary>
    /// Looks whether the storage still has the fleet and, in the background, all of its edges; what it lost is written again. Answers whether
    /// the fleet itself was lost.
    /// </summary>
    [Alias("Repair")]
    Task<bool> RepairAsync();
}
