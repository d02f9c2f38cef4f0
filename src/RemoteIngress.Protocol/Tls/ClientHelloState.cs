namespace RemoteIngress.Protocol.Tls;

/// <summary>What the first bytes of a connection are.</summary>
public enum ClientHelloState
{
    /// <summary>Not a TLS ClientHello, or one in a shape that is not recognised (spread over several records).</summary>
    NotTls,

    /// <summary>The beginning of one record with one ClientHello, or nothing yet.</summary>
    Partial,

    /// <summary>Exactly one record that holds exactly one ClientHello.</summary>
    Complete,

    /// <summary>One ClientHello, and more bytes after it.</summary>
    Beyond,
}
