using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace RemoteIngress.Contracts;

/// <summary>The packet filter of an edge. Everything is optional; empty lists are the same as none.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.FirewallConfig")]
public sealed record FirewallConfig
{
    /// <summary>Addresses and CIDR ranges, IPv4 and IPv6, that may not reach the edge at all.</summary>
    [Id(0), JsonPropertyName("blockedIps")]
    public ImmutableArray<string> BlockedIps { get; init; } = [];

    /// <summary>Limits on new connections or packets, in order.</summary>
    [Id(1), JsonPropertyName("rateLimits")]
    public ImmutableArray<RateLimit> RateLimits { get; init; } = [];

    /// <summary>Accept and drop rules, in order.</summary>
    [Id(2), JsonPropertyName("rules")]
    public ImmutableArray<FirewallRule> Rules { get; init; } = [];
}
