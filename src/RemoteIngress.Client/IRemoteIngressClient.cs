using RemoteIngress.Contracts;

namespace RemoteIngress.Client;

/// <summary>
/// Manages the allowed edges of a cluster of hubs. Thread-safe. Every method but <see cref="WatchAsync"/> throws
/// <see cref="RegistryUnavailableException"/> when no hub or no storage answers in time; its message says what to look at. The outcome of a change is then
/// unknown, and to ask again is safe: every operation is idempotent. What is wrong with what was asked for comes back as a list, and is no exception.
/// </summary>
public interface IRemoteIngressClient
{
    /// <summary>
    /// Makes the registry exactly <paramref name="edges"/>. With any error nothing changes, and the result names every one.
    /// An unchanged list writes and pushes nothing: reconciling periodically is cheap, and repairs what a loss of data took. Of two clients that
    /// reconcile at once, one list is in force in the end, whole.
    /// </summary>
    Task<ReconcileResult> UpdateAllowedEdgesAsync(IReadOnlyList<AllowedEdge> edges, CancellationToken cancellationToken = default);

    /// <summary>
    /// Creates one edge or changes it; without a secret the stored one stays. When the answer to a first attempt was lost, the outcome may be
    /// <see cref="EdgeChangeOutcome.Unchanged"/> although this call changed it.
    /// </summary>
    Task<EdgeChangeResult> UpsertEdgeAsync(AllowedEdge edge, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes one edge; its tunnels end. When the answer to a first attempt was lost, the outcome may be <see cref="EdgeChangeOutcome.NotFound"/>
    /// although this call removed it.
    /// </summary>
    Task<EdgeChangeResult> RemoveEdgeAsync(string edgeId, CancellationToken cancellationToken = default);

    /// <summary>One edge, desired beside observed; <see langword="null"/> when it is not registered.</summary>
    Task<EdgeView?> GetEdgeAsync(string edgeId, CancellationToken cancellationToken = default);

    /// <summary>Every edge, by id.</summary>
    Task<IReadOnlyList<EdgeView>> ListEdgesAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives an edge a new random secret, which is answered once; <see langword="null"/> when it is not registered. The old one ends
    /// at once, or after <paramref name="overlap"/> (up to 30 days): until then tunnels of both are served, and when it is over those of the old
    /// one are closed.
    /// </summary>
    Task<SecretRotation?> RotateSecretAsync(string edgeId, TimeSpan? overlap = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes the connection token to start an edge with. Changes nothing; the registry does not have the secret, so it has to be given (it is
    /// checked): the one that <see cref="RotateSecretAsync"/> answered, or that the edge was registered with.
    /// </summary>
    /// <param name="edgeId">The edge.</param>
    /// <param name="secret">Its newest secret.</param>
    /// <param name="hubs">Addresses of hubs that the token names, <c>host:port</c>; <see langword="null"/>: those that the hubs advertise.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<EdgeTokenResult> IssueTokenAsync(
        string edgeId, string secret, IReadOnlyList<string>? hubs = null, CancellationToken cancellationToken = default);

    /// <summary>The hubs that are part of the cluster right now, by name.</summary>
    Task<IReadOnlyList<HubView>> ListHubsAsync(CancellationToken cancellationToken = default);

    /// <summary>Hubs and edges together: desired against observed.</summary>
    Task<ClusterStatus> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Every edge that there is, then every change of edges and of who is connected where, until <paramref name="cancellationToken"/> ends it (with an
    /// <see cref="OperationCanceledException"/>). Nothing is lost for good: each round compares the registry with what was told last. What changed and changed back between two
    /// rounds is not told, nor is more than the newest of several changes.
    /// <para>A change is told within 1 second and the time of a listing; of a fleet so large that a listing takes longer than 0.1 seconds, within 11 times as
    /// long. While the registry cannot be reached nothing is told; afterwards everything that changed is.</para>
    /// </summary>
    IAsyncEnumerable<EdgeEvent> WatchAsync(CancellationToken cancellationToken = default);
}
