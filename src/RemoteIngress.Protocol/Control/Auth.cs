namespace RemoteIngress.Protocol.Control;

/// <summary>AUTH, edge to hub: the SCRAM client-final-message (RFC 5802 section 7).</summary>
public sealed record Auth
{
    /// <summary>SCRAM client-final-message, with the proof.</summary>
    public required string Scram { get; init; }

    /// <summary>Without the proof, which would let a reader of logs guess weak secrets.</summary>
    public override string ToString() => "Auth { Scram = *** }";
}
