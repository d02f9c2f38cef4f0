namespace RemoteIngress.Edge.Events;

/// <summary>The ports are not what they were: the configuration has others, or one that was in use is free now.</summary>
/// <param name="Generation">Generation of the configuration in force.</param>
/// <param name="Ports">All ports that it asks for, with what became of each.</param>
/// <param name="At">When.</param>
public sealed record PortsUpdatedEventArgs(long Generation, IReadOnlyList<PortOutcome> Ports, DateTimeOffset At);
