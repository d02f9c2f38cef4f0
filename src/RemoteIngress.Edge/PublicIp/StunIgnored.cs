namespace RemoteIngress.Edge.PublicIp;

/// <summary>Why a datagram was not taken for the answer. None of them ends the wait: anybody can send one.</summary>
internal enum StunIgnored
{
    /// <summary>From somewhere else than the server.</summary>
    WrongSource,

    /// <summary>Answers another request, or guesses.</summary>
    WrongTransaction,

    /// <summary>No STUN response.</summary>
    Malformed,

    /// <summary>Its FINGERPRINT is not that of its bytes.</summary>
    BadFingerprint,
}
