namespace RemoteIngress.Hub;

/// <summary>A client's connection came through a tunnel, and this hub begins to dial its target.</summary>
/// <param name="StreamId">Tells it from all others of this process.</param>
/// <param name="EdgeId">The edge that accepted it.</param>
/// <param name="InstanceId">Which process of it.</param>
/// <param name="Port">The public port.</param>
/// <param name="ClientAddress">The client, <c>address:port</c>.</param>
/// <param name="Target">Where it is forwarded, <c>host:port</c>.</param>
/// <param name="At">When.</param>
public sealed record StreamOpenedEventArgs(
    long StreamId, string EdgeId, string InstanceId, int Port, string ClientAddress, string Target, DateTimeOffset At);
