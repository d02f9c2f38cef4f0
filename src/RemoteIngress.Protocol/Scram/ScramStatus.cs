namespace RemoteIngress.Protocol.Scram;

/// <summary>Outcome of one step of a SCRAM exchange.</summary>
public enum ScramStatus
{
    /// <summary>The step succeeded.</summary>
    Ok,

    /// <summary>The message does not follow the grammar of RFC 5802 section 7.</summary>
    Malformed,

    /// <summary>The nonce is not the one of this exchange.</summary>
    WrongNonce,

    /// <summary>The peer sees another certificate: somebody may be in between (RFC 5929).</summary>
    WrongChannelBinding,

    /// <summary>The client does not know the secret.</summary>
    WrongProof,

    /// <summary>The server does not know the secret.</summary>
    WrongServerSignature,

    /// <summary>Not SCRAM-SHA-256-PLUS with tls-server-end-point, or a mandatory extension.</summary>
    UnsupportedMechanism,

    /// <summary>The iteration count is outside <see cref="ScramVerifier.MinIterations"/> to <see cref="ScramVerifier.MaxIterations"/>.</summary>
    BadIterations,
}
