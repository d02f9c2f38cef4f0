namespace RemoteIngress.Hub;

/// <summary>A process of an edge has its first tunnel to this hub. Two processes of one edge id are two.</summary>
/// <param name="EdgeId">The edge.</param>
/// <param name="InstanceId">Which process of it.</param>
/// <param name="RemoteAddress">Where that tunnel comes from, <c>address:port</c>.</param>
/// <param name="Transport">What carries it: <c>tcpTls</c>.</param>
/// <param name="At">When it was authenticated.</param>
public sealed record EdgeConnectedEventArgs(string EdgeId, string InstanceId, string RemoteAddress, string Transport, DateTimeOffset At);
