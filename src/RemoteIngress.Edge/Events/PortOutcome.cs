namespace RemoteIngress.Edge.Events;

/// <summary>What became of one public port.</summary>
/// <param name="Port">1 to 65535.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
/// <param name="Ok">It is open.</param>
/// <param name="Error">The system's reason when it is not; it is tried again.</param>
public sealed record PortOutcome(int Port, string Protocol, bool Ok, string? Error);
