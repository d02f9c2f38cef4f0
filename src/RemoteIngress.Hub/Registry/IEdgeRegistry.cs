using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry;

/// <summary>
/// The registry as the data plane asks it. Every call has a short timeout and retries inside (under 3 s in all), and throws
/// <see cref="RegistryUnavailableException"/> when the registry cannot be asked. Thread-safe; never to be called on an event loop.
/// </summary>
internal interface IEdgeRegistry
{
    /// <summary>The edge's record; <see langword="null"/> is the answer of a working registry that there is no such edge.</summary>
    Task<EdgeRecord?> FindAsync(string edgeId, CancellationToken cancellationToken);

    /// <summary>
    /// Says that an instance of an edge has its first tunnel at this hub, or lost its last. What was reported is remembered, and
    /// reported again when the edge's grain moved or forgot it.
    /// </summary>
    Task ReportPresenceAsync(string edgeId, EdgePresence presence, CancellationToken cancellationToken);

    /// <summary>Passes on what an edge answered to a snapshot.</summary>
    Task AcknowledgeAsync(string edgeId, EdgeAcknowledgement acknowledgement, CancellationToken cancellationToken);
}
