namespace RemoteIngress.Contracts;

/// <summary>What became of an edge's packet filter.</summary>
/// <param name="Mode">What the edge was told: <c>auto</c>, <c>off</c> or <c>required</c>.</param>
/// <param name="State">For example <c>applied</c>, <c>off</c>, <c>unavailable</c> or <c>failed</c>: the edge's word.</param>
/// <param name="Error">Why it is not applied; <see langword="null"/> when there is nothing to say.</param>
[GenerateSerializer, Immutable, Alias("remoteingress.FirewallResult")]
public sealed record FirewallResult(
    [property: Id(0)] string Mode,
    [property: Id(1)] string State,
    [property: Id(2)] string? Error = null);
