namespace RemoteIngress.Hub;

/// <summary>The last tunnel of a process of an edge to this hub is gone.</summary>
/// <param name="EdgeId">The edge.</param>
/// <param name="InstanceId">Which process of it.</param>
/// <param name="Reason">Why that tunnel ended, as the metric <c>tunnel_ends_total{error_type}</c> has it: <c>connection_lost</c>, ….</param>
/// <param name="At">When it ended.</param>
public sealed record EdgeDisconnectedEventArgs(string EdgeId, string InstanceId, string Reason, DateTimeOffset At);
