namespace RemoteIngress.Edge.Status;

/// <summary>A port that the configuration wants and the system refuses.</summary>
/// <param name="Port">1 to 65535.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
/// <param name="Error">The system's reason.</param>
public sealed record FailedPort(int Port, string Protocol, string Error);
