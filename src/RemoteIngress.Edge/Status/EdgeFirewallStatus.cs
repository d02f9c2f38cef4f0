namespace RemoteIngress.Edge.Status;

/// <summary>The packet filter of an edge. This version has none, so that only the shape of the document is fixed.</summary>
public sealed record EdgeFirewallStatus
{
    /// <summary><c>auto</c>, <c>off</c> or <c>required</c>, as configured.</summary>
    public string Mode { get; init; } = "off";

    /// <summary><c>inactive</c> while no rules are in force.</summary>
    public string State { get; init; } = "inactive";

    /// <summary>Why the rules could not be put in force; null when nothing failed.</summary>
    public string? Error { get; init; }
}
