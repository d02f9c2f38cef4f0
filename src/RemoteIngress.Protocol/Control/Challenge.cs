namespace RemoteIngress.Protocol.Control;

/// <summary>CHALLENGE, hub to edge: the SCRAM server-first-message (RFC 5802 section 7).</summary>
public sealed record Challenge
{
    /// <summary>SCRAM server-first-message.</summary>
    public required string Scram { get; init; }
}
