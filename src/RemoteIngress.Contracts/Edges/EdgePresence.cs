namespace RemoteIngress.Contracts;

/// <summary>A hub's report that it holds, or no longer holds, tunnels of one instance of an edge.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgePresence")]
public sealed record EdgePresence
{
    /// <summary>The hub that reports.</summary>
    [Id(0)]
    public required string HubId { get; init; }

    /// <summary>Which instance of the edge: two replicas of one edge id may be connected at once.</summary>
    [Id(1)]
    public required string InstanceId { get; init; }

    /// <summary>True when the first tunnel came up, false when the last one went.</summary>
    [Id(2)]
    public required bool Connected { get; init; }

    /// <summary>When that happened, by the hub's clock.</summary>
    [Id(3)]
    public required DateTimeOffset At { get; init; }

    /// <summary>Address and port from which the edge came.</summary>
    [Id(4)]
    public string? RemoteAddress { get; init; }

    /// <summary><c>tls</c> or <c>quic</c>.</summary>
    [Id(5)]
    public string? Transport { get; init; }

    /// <summary>Which run of the hub: one that was killed and is back has none of the tunnels it had.</summary>
    [Id(6)]
    public string? HubInstanceId { get; init; }
}
