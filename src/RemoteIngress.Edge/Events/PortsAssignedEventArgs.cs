namespace RemoteIngress.Edge.Events;

/// <summary>The first configuration since the start is in force.</summary>
/// <param name="Generation">Its generation.</param>
/// <param name="Ports">All ports that it asks for, with what became of each; empty when it asks for none.</param>
/// <param name="At">When.</param>
public sealed record PortsAssignedEventArgs(long Generation, IReadOnlyList<PortOutcome> Ports, DateTimeOffset At);
