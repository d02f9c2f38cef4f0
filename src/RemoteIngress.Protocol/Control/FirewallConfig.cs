namespace RemoteIngress.Protocol.Control;

/// <summary>Desired packet filter of an edge.</summary>
public sealed record FirewallConfig
{
    /// <summary>Addresses and CIDRs, IPv4 and IPv6, whose packets are dropped.</summary>
    public IReadOnlyList<string> BlockedIps { get; init => field = value ?? []; } = [];

    /// <summary>Rate limits per port.</summary>
    public IReadOnlyList<RateLimit> RateLimits { get; init => field = value ?? []; } = [];

    /// <summary>Rules, in order.</summary>
    public IReadOnlyList<FirewallRule> Rules { get; init => field = value ?? []; } = [];
}
