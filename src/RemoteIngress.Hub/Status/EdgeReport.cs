namespace RemoteIngress.Hub;

/// <summary>What an edge told of itself, all of its hubs together: a STATUS.</summary>
/// <param name="ActiveStreams">Its open TCP connections.</param>
/// <param name="ActiveUdpSessions">Its open UDP sessions.</param>
/// <param name="At">When it came; one comes every few seconds.</param>
public sealed record EdgeReport(int ActiveStreams, int ActiveUdpSessions, DateTimeOffset At);
