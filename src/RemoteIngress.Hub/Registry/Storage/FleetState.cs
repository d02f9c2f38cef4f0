namespace RemoteIngress.Hub.Registry.Storage;

/// <summary>
/// The state of a fleet: which edges there shall be, and what has not reached its edge yet. Both are written in one step before
/// the first edge is told.
/// </summary>
internal sealed record FleetState : IRevisioned
{
    public long Revision { get; init; }

    public IReadOnlyList<string> Edges { get; init; } = [];

    public IReadOnlyList<StoredEdge> PendingCommits { get; init; } = [];

    public IReadOnlyList<string> PendingRemovals { get; init; } = [];

    public bool HasPending() => PendingCommits.Count > 0 || PendingRemovals.Count > 0;
}
