namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>First byte of an SSL field.</summary>
[Flags]
public enum ProxySslClient
{
    /// <summary>The client did not use TLS.</summary>
    None = 0,

    /// <summary>The client connected over TLS.</summary>
    Tls = 1,

    /// <summary>It showed a certificate on this connection.</summary>
    CertificateOnConnection = 2,

    /// <summary>It showed a certificate at least once in this TLS session.</summary>
    CertificateInSession = 4,
}
