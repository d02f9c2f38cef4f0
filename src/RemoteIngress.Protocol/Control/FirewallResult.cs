namespace RemoteIngress.Protocol.Control;

/// <summary>What became of the snapshot's firewall part.</summary>
public sealed record FirewallResult
{
    /// <summary>The edge's setting: <c>auto</c>, <c>off</c> or <c>required</c>.</summary>
    public required string Mode { get; init; }

    /// <summary><c>applied</c>, <c>off</c>, <c>unavailable</c> or <c>failed</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it is not applied, for a person: one line.</summary>
    public string? Error { get; init; }
}
