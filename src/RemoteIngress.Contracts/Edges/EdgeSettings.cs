using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace RemoteIngress.Contracts;

/// <summary>What an edge shall do: an <see cref="AllowedEdge"/> without its id and secret. This is what is stored and pushed.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgeSettings")]
public sealed record EdgeSettings
{
    /// <inheritdoc cref="AllowedEdge.ListenPorts"/>
    [Id(0), JsonPropertyName("listenPorts")]
    public ImmutableArray<int> ListenPorts { get; init; } = [];

    /// <inheritdoc cref="AllowedEdge.ListenPortsUdp"/>
    [Id(1), JsonPropertyName("listenPortsUdp")]
    public ImmutableArray<int> ListenPortsUdp { get; init; } = [];

    /// <inheritdoc cref="AllowedEdge.StunIntervalSecs"/>
    [Id(2), JsonPropertyName("stunIntervalSecs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? StunIntervalSecs { get; init; }

    /// <inheritdoc cref="AllowedEdge.FirewallConfig"/>
    [Id(3), JsonPropertyName("firewallConfig"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FirewallConfig? FirewallConfig { get; init; }

    /// <inheritdoc cref="AllowedEdge.PortOptions"/>
    [Id(4), JsonPropertyName("portOptions"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableDictionary<string, PortOptions>? PortOptions { get; init; }
}
