namespace RemoteIngress.Edge.Status;

/// <summary>The packet filter on this machine: the table <c>inet remoteingress</c>.</summary>
public sealed record EdgeFirewallStatus
{
    /// <summary><c>auto</c>, <c>off</c> or <c>required</c>, as configured.</summary>
    public string Mode { get; init; } = "off";

    /// <summary>
    /// <c>applied</c>: what the configuration asks for is in force. <c>inactive</c>: it asks for nothing. <c>kept</c>: rules that an earlier
    /// process left are in force until the first configuration. <c>failed</c>: it was refused, the last good one stays.
    /// <c>unavailable</c>: nft, the rights or the table cannot be had. <c>off</c>: as configured.
    /// </summary>
    public string State { get; init; } = "inactive";

    /// <summary>Why the rules could not be put in force; null when nothing failed.</summary>
    public string? Error { get; init; }
}
