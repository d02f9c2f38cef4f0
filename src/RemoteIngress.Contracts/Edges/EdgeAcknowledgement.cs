using System.Collections.Immutable;

namespace RemoteIngress.Contracts;

/// <summary>What an edge answered to a snapshot (CONFIG_ACK), as the hub passes it on.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgeAcknowledgement")]
public sealed record EdgeAcknowledgement
{
    /// <summary>The hub through which it came.</summary>
    [Id(0)]
    public required string HubId { get; init; }

    /// <summary>The instance of the edge that answered.</summary>
    [Id(1)]
    public required string InstanceId { get; init; }

    /// <summary>The generation that the edge now has in force.</summary>
    [Id(2)]
    public required long Generation { get; init; }

    /// <summary>What became of every port.</summary>
    [Id(3)]
    public ImmutableArray<PortResult> Ports { get; init; } = [];

    /// <summary>What became of the packet filter; <see langword="null"/> when the edge said nothing about it.</summary>
    [Id(4)]
    public FirewallResult? Firewall { get; init; }

    /// <summary>When it arrived, by the hub's clock.</summary>
    [Id(5)]
    public required DateTimeOffset At { get; init; }
}
