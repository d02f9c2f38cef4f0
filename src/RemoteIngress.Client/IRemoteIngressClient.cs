using RemoteIngress.Contracts;

namespace RemoteIngress.Client;

/// <summary>
/// Manages the allowed edges of a cluster of hubs. Thread-safe. Every method throws <see cref="RegistryUnavailableException"/> when no
/// hub or no storage answers in time; the outcome of a change is then unknown, and to ask again is safe.
/// </summary>
public interface IRemoteIngressClient
{
    /// <summary>
    /// Makes the registry exactly <paramref name="edges"/>. With any error nothing changes, and the result names every one.
    /// An unchanged list writes and pushes nothing: reconciling periodically is cheap, and repairs what a loss of data took.
    /// </summary>
    Task<ReconcileResult> UpdateAllowedEdgesAsync(IReadOnlyList<AllowedEdge> edges, CancellationToken cancellationToken = default);

    /// <summary>Creates one edge or changes it; without a secret the stored one stays.</summary>
    Task<EdgeChangeResult> UpsertEdgeAsync(AllowedEdge edge, CancellationToken cancellationToken = default);

    /// <summary>Removes one edge; its tunnels end.</summary>
    Task<EdgeChangeResult> RemoveEdgeAsync(string edgeId, CancellationToken cancellationToken = default);

    /// <summary>One edge, desired beside observed; <see langword="null"/> when it is not registered.</summary>
    Task<EdgeView?> GetEdgeAsync(string edgeId, CancellationToken cancellationToken = default);

    /// <summary>Every edge, by id.</summary>
    Task<IReadOnlyList<EdgeView>> ListEdgesAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives an edge a new random secret, which is answered once; <see langword="null"/> when it is not registered. The old one ends
    /// at once, or after <paramref name="overlap"/> (up to 30 days).
    /// </summary>
    Task<SecretRotation?> RotateSecretAsync(string edgeId, TimeSpan? overlap = null, CancellationToken cancellationToken = default);
}
