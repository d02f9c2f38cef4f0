namespace RemoteIngress.Hub;

/// <summary>The state of one hub: the body of <c>GET /api/v1/status</c>.</summary>
public sealed record HubStatus
{
    /// <summary>Whether the hub takes tunnels.</summary>
    public required bool Running { get; init; }

    /// <summary>Name of the hub.</summary>
    public required string HubId { get; init; }

    /// <summary>The port on which edges connect.</summary>
    public required int TunnelPort { get; init; }

    /// <summary>Every connected instance of every edge; all tunnels of an instance count as one.</summary>
    public IReadOnlyList<ConnectedEdge> ConnectedEdges { get; init; } = [];

    /// <summary>The registry as this hub sees it.</summary>
    public required RegistryStatus Registry { get; init; }
}
