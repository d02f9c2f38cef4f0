namespace RemoteIngress.Edge.Events;

/// <summary>The address that the internet sees was found, or is another one than before.</summary>
/// <param name="PublicIp">The address, IPv4 or IPv6.</param>
/// <param name="Previous">What it was before; null at the first time.</param>
/// <param name="At">When.</param>
public sealed record PublicIpDiscoveredEventArgs(string PublicIp, string? Previous, DateTimeOffset At);
