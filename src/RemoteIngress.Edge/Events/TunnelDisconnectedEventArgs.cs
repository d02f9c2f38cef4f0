namespace RemoteIngress.Edge.Events;

/// <summary>The edge's last tunnel to a hub is gone. Attempts that never became a tunnel are not told.</summary>
/// <param name="Hub">Where it is dialled, <c>host:port</c>.</param>
/// <param name="HubId">What the hub calls itself.</param>
/// <param name="Reason">Why it ended, as the metric <c>tunnel_ends_total{error_type}</c> has it: <c>connection_lost</c>, ….</param>
/// <param name="At">When.</param>
public sealed record TunnelDisconnectedEventArgs(string Hub, string HubId, string Reason, DateTimeOffset At);
