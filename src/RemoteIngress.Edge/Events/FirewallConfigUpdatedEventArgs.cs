namespace RemoteIngress.Edge.Events;

/// <summary>The packet filter was brought to what the configuration says, or could not be.</summary>
/// <param name="Generation">Generation of the configuration.</param>
/// <param name="Mode"><c>auto</c>, <c>off</c> or <c>required</c>, as configured.</param>
/// <param name="State">As <c>firewall.state</c> in status has it.</param>
/// <param name="Error">Why the rules are not in force; null when they are, or none are wanted.</param>
/// <param name="At">When.</param>
public sealed record FirewallConfigUpdatedEventArgs(long Generation, string Mode, string State, string? Error, DateTimeOffset At);
