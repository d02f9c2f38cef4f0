namespace RemoteIngress.Edge;

/// <summary>How an edge reaches its hubs.</summary>
public enum EdgeTransport
{
    /// <summary>
    /// QUIC first and TLS over TCP when QUIC does not get through. This version carries TLS only: it goes straight to TLS
    /// and says so once.
    /// </summary>
    QuicWithFallback,

    /// <summary>TLS over TCP only.</summary>
    TcpTls,

    /// <summary>QUIC only. Refused by <see cref="EdgeOptionsValidator"/> in this version.</summary>
    Quic,
}
