namespace RemoteIngress.Edge.Events;

/// <summary>The edge has its first tunnel to a hub; those of its other event loops follow and are not told.</summary>
/// <param name="Hub">Where it was dialled, <c>host:port</c>.</param>
/// <param name="HubId">What the hub calls itself.</param>
/// <param name="At">When.</param>
public sealed record TunnelConnectedEventArgs(string Hub, string HubId, DateTimeOffset At);
