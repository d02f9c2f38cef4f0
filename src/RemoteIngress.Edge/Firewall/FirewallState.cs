namespace RemoteIngress.Edge.Firewall;

/// <summary>How it is with the packet filter: the words of CONFIG_ACK and status.</summary>
/// <param name="Word">One of the constants.</param>
/// <param name="Error">Why rules are not in force, for a person; null when nothing is wrong.</param>
internal sealed record FirewallState(string Word, string? Error = null)
{
    /// <summary>No rules: nothing asked for them.</summary>
    internal static FirewallState Inactive { get; } = new("inactive");

    /// <summary>Rules of a process that ended without removing them, until the first snapshot.</summary>
    internal static FirewallState Kept { get; } = new("kept");

    internal static FirewallState Applied { get; } = new("applied");

    internal static FirewallState Off { get; } = new("off");

    /// <summary>nft, the rights or the table cannot be had.</summary>
    internal static FirewallState Unavailable(string error) => new("unavailable", error);

    /// <summary>A configuration was refused; the last good one, if there was one, stays in force.</summary>
    internal static FirewallState Failed(string error) => new("failed", error);

    internal bool IsProblem => Error is not null;
}
