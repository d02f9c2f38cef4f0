using RemoteIngress.Contracts;

namespace RemoteIngress.Hub;

/// <summary>The whole cluster as one of its hubs sees it: hubs, and which of them hold which edge.</summary>
public sealed record ClusterStatus
{
    /// <summary>Every live hub, by name.</summary>
    public required IReadOnlyList<HubView> Hubs { get; init; }

    /// <summary>Names of hubs that did not answer in time: their edges are missing in <see cref="Edges"/>.</summary>
    public required IReadOnlyList<string> UnansweredHubs { get; init; }

    /// <summary>How many edges the registry has; <see langword="null"/> when it cannot be asked.</summary>
    public int? RegisteredEdges { get; init; }

    /// <summary>Every edge that has a tunnel to any hub, by name.</summary>
    public required IReadOnlyList<ClusterEdge> Edges { get; init; }
}
