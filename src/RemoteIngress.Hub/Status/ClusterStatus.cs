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

/// <summary>One edge that has tunnels.</summary>
/// <param name="EdgeId">Its name.</param>
/// <param name="Generation">Of its desired state.</param>
/// <param name="InSync">Every instance has acknowledged that at every hub that holds it.</param>
/// <param name="HeldBy">One entry for each hub and instance.</param>
public sealed record ClusterEdge(string EdgeId, long Generation, bool InSync, IReadOnlyList<EdgeHolding> HeldBy);

/// <summary>A hub holds tunnels of an instance of an edge.</summary>
/// <param name="HubId">The hub.</param>
/// <param name="InstanceId">Which instance.</param>
/// <param name="ConnectedAt">Since when.</param>
/// <param name="AcknowledgedGeneration">What it acknowledged there last; 0 for nothing yet.</param>
/// <param name="ActiveStreams">Its open TCP connections there.</param>
public sealed record EdgeHolding(string HubId, string InstanceId, DateTimeOffset ConnectedAt, long AcknowledgedGeneration, int ActiveStreams);
