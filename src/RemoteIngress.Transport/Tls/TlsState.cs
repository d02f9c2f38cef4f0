namespace RemoteIngress.Transport.Tls;

/// <summary>Where a TLS connection stands.</summary>
internal enum TlsState
{
    /// <summary>The handshake is under way.</summary>
    Handshaking,

    /// <summary>Application data flows.</summary>
    Open,

    /// <summary>The peer sent close_notify or its connection ended.</summary>
    Ended,

    /// <summary>TLS itself failed; <see cref="TlsChannel.Error"/> says how.</summary>
    Failed,
}
