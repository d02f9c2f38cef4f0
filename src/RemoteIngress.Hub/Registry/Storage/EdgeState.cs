namespace RemoteIngress.Hub.Registry.Storage;

/// <summary>The state of an edge's grain; empty while the edge is not registered.</summary>
internal sealed record EdgeState : IRevisioned
{
    public StoredEdge? Edge { get; init; }

    long IRevisioned.Revision => Edge?.Generation ?? 0;
}
