namespace RemoteIngress.Contracts;

/// <summary>What is known of one instance of an edge at one hub. Soft state: kept in memory and reported again when it is lost.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgeObservation")]
public sealed record EdgeObservation
{
    /// <summary>The hub that holds the tunnels.</summary>
    [Id(0)]
    public required string HubId { get; init; }

    /// <summary>The instance of the edge.</summary>
    [Id(1)]
    public required string InstanceId { get; init; }

    /// <summary>Since when it is connected.</summary>
    [Id(2)]
    public required DateTimeOffset ConnectedAt { get; init; }

    /// <summary>Address and port from which it came.</summary>
    [Id(3)]
    public string? RemoteAddress { get; init; }

    /// <summary><c>tls</c> or <c>quic</c>.</summary>
    [Id(4)]
    public string? Transport { get; init; }

    /// <summary>The last acknowledgement, or <see langword="null"/> when none came yet.</summary>
    [Id(5)]
    public EdgeAcknowledgement? Acknowledgement { get; init; }

    /// <summary>Which run of the hub; <see langword="null"/> when it did not say.</summary>
    [Id(6)]
    public string? HubInstanceId { get; init; }
}
