using Orleans.Concurrency;

namespace RemoteIngress.Contracts;

/// <summary>
/// One edge of the registry; the key is the edge's id. Holds the desired state with its generation, the verifiers, and in memory
/// only what is observed. Managers go through <see cref="IFleetGrain"/> for anything that changes an edge.
/// </summary>
[Alias("remoteingress.IEdgeGrain")]
public interface IEdgeGrain : IGrainWithStringKey
{
    /// <summary>What a hub needs to serve the edge; <see langword="null"/> when it is not registered.</summary>
    [Alias("Get"), ReadOnly, AlwaysInterleave]
    Task<EdgeRecord?> GetAsync();

    /// <summary>Whether there is something newer than what a hub has.</summary>
    [Alias("GetVersion"), ReadOnly, AlwaysInterleave]
    Task<EdgeVersion> GetVersionAsync();

    /// <summary>Desired beside observed; <see langword="null"/> when the edge is not registered.</summary>
    [Alias("GetView"), ReadOnly, AlwaysInterleave]
    Task<EdgeView?> GetViewAsync();

    /// <summary>Says what <paramref name="edge"/> would change, and changes nothing. Derives the verifier, which costs a PBKDF2.</summary>
    [Alias("Plan")]
    Task<EdgePlan> PlanAsync(AllowedEdge edge);

    /// <summary>Stores an intent and pushes it to the hubs, unless the edge already has this generation or a later one.</summary>
    [Alias("Commit")]
    Task<EdgeChangeResult> CommitAsync(EdgeIntent intent);

    /// <summary>Plans and commits in one step: for an edge that is in its fleet's set already.</summary>
    [Alias("Apply")]
    Task<EdgeChangeResult> ApplyAsync(AllowedEdge edge);

    /// <summary>Forgets the edge and tells the hubs, which end its tunnels.</summary>
    [Alias("Remove")]
    Task<EdgeChangeResult> RemoveAsync();

    /// <summary>
    /// Replaces the secret by <paramref name="secret"/>, which the caller made (<see cref="EdgeSecret.Create"/>): asked again with the same one, it
    /// answers the same and changes nothing. The old one stops working at once, or after <paramref name="overlap"/> (up to 30 days).
    /// <see langword="null"/> when the edge is not registered.
    /// </summary>
    [Alias("RotateSecretTo")]
    Task<SecretRotation?> RotateSecretAsync(string secret, TimeSpan? overlap);

    /// <summary>Whether <paramref name="secret"/> is the edge's; <see langword="null"/> when the edge is not registered.</summary>
    [Alias("VerifySecret"), ReadOnly]
    Task<bool?> VerifySecretAsync(string secret);

    /// <summary>Looks whether the storage still has this edge, and writes it again when it has an older one or none.</summary>
    [Alias("Repair")]
    Task<EdgeRepair> RepairAsync();

    /// <summary>Takes note that a hub holds, or no longer holds, an instance of this edge.</summary>
    [Alias("Report")]
    Task ReportAsync(EdgePresence presence);

    /// <summary>Takes note of what an instance acknowledged.</summary>
    [Alias("Acknowledge")]
    Task AcknowledgeAsync(EdgeAcknowledgement acknowledgement);
}
