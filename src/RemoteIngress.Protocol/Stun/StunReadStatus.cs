namespace RemoteIngress.Protocol.Stun;

/// <summary>What a datagram is to somebody who waits for the response to one Binding request.</summary>
public enum StunReadStatus
{
    /// <summary>The response: an address, or an error.</summary>
    Ok,

    /// <summary>No STUN, no Binding response, or lengths that do not fit. To be discarded (RFC 8489 section 6.3).</summary>
    Malformed,

    /// <summary>A response to another request, or a guess. To be discarded.</summary>
    OtherTransaction,

    /// <summary>A FINGERPRINT that is not the one of these bytes (RFC 8489 section 14.7). To be discarded.</summary>
    BadFingerprint,

    /// <summary>Holds a comprehension-required attribute that is unknown here: the transaction has failed (RFC 8489 sections 6.3.3 and 6.3.4).</summary>
    NotUnderstood,

    /// <summary>A success without an address, or an error without its code: the transaction has failed.</summary>
    Incomplete,
}
