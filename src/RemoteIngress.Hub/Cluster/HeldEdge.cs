namespace RemoteIngress.Hub.Cluster;

/// <summary>One instance of an edge that has tunnels at a hub, as hubs tell each other.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.HeldEdge")]
internal sealed record HeldEdge
{
    [Id(0)]
    public required string EdgeId { get; init; }

    [Id(1)]
    public required string InstanceId { get; init; }

    [Id(2)]
    public required DateTimeOffset ConnectedAt { get; init; }

    /// <summary>Of the desired state, as that hub knows it.</summary>
    [Id(3)]
    public required long Generation { get; init; }

    [Id(4)]
    public required long Acknowledged { get; init; }

    [Id(5)]
    public required int ActiveStreams { get; init; }
}
