using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Serialization;

namespace RemoteIngress.Contracts;

/// <summary>
/// One entry of the list of allowed edges, as an operator writes it: who may connect, and what that edge shall do.
/// The only type that carries a secret in clear; it is never stored and its <see cref="ToString"/> never shows it.
/// </summary>
/// <remarks>
/// Record equality compares the lists by reference; "has anything changed" is asked of <see cref="EdgeSettingsComparer"/>.
/// </remarks>
[GenerateSerializer, Immutable, Alias("remoteingress.AllowedEdge")]
public sealed record AllowedEdge
{
    /// <summary>The edge's name: 1 to 128 of <c>[A-Za-z0-9._-]</c>, unique in its fleet.</summary>
    [Id(0), JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>
    /// The shared secret in clear, up to 1024 bytes of UTF-8. Required for an edge that is not registered yet;
    /// <see langword="null"/> on an update keeps the stored verifier.
    /// </summary>
    [Id(1), JsonPropertyName("secret"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    /// <summary>TCP ports (1 to 65535, no duplicates) on which the edge listens. Empty by default.</summary>
    [Id(2), JsonPropertyName("listenPorts")]
    public ImmutableArray<int> ListenPorts { get; init; } = [];

    /// <summary>UDP ports (1 to 65535, no duplicates) on which the edge listens. Empty by default.</summary>
    [Id(3), JsonPropertyName("listenPortsUdp")]
    public ImmutableArray<int> ListenPortsUdp { get; init; } = [];

    /// <summary>Seconds between two lookups of the edge's public address by STUN; <see langword="null"/> leaves the edge's default (300).</summary>
    [Id(4), JsonPropertyName("stunIntervalSecs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? StunIntervalSecs { get; init; }

    /// <summary>What the edge's packet filter shall do; <see langword="null"/> for nothing.</summary>
    [Id(5), JsonPropertyName("firewallConfig"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FirewallConfig? FirewallConfig { get; init; }

    /// <summary>Options of single ports by <c>"443"</c> (TCP) or <c>"53/udp"</c>; each key must be one of the listen ports.</summary>
    [Id(6), JsonPropertyName("portOptions"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableDictionary<string, PortOptions>? PortOptions { get; init; }

    /// <summary>What this entry asks of the edge, without its id and secret.</summary>
    public EdgeSettings ToSettings() => new()
    {
        ListenPorts = ListenPorts,
        ListenPortsUdp = ListenPortsUdp,
        StunIntervalSecs = StunIntervalSecs,
        FirewallConfig = FirewallConfig,
        PortOptions = PortOptions,
    };

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Id = ").Append(Id).Append(", Secret = ").Append(Secret is null ? "none" : "(redacted)");
        return true;
    }
}
