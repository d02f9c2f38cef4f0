namespace RemoteIngress.Hub;

/// <summary>A client's connection is over, whether its target was reached or not. Comes for those whose begin was told, and no others.</summary>
/// <param name="StreamId">As in <see cref="StreamOpenedEventArgs"/>.</param>
/// <param name="EdgeId">The edge that accepted it.</param>
/// <param name="InstanceId">Which process of it.</param>
/// <param name="Port">The public port.</param>
/// <param name="ClientAddress">The client, <c>address:port</c>.</param>
/// <param name="Target">Where it was forwarded, <c>host:port</c>.</param>
/// <param name="Reason">Why it ended, as the metric <c>connection_ends_total{error_type}</c> has it; <c>completed</c> is the good one.</param>
/// <param name="At">When.</param>
public sealed record StreamClosedEventArgs(
    long StreamId, string EdgeId, string InstanceId, int Port, string ClientAddress, string Target, string Reason, DateTimeOffset At);
