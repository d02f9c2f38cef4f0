namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>Types of the type-length-value fields of version 2. Other numbers occur: 0xE0-0xEF belong to applications, 0xF0-0xF7 to experiments.</summary>
public enum ProxyTlvType : byte
{
    /// <summary>No field has this number.</summary>
    None = 0x00,

    /// <summary>Protocol agreed by ALPN.</summary>
    Alpn = 0x01,

    /// <summary>Host name the client asked for (SNI), UTF-8.</summary>
    Authority = 0x02,

    /// <summary>CRC-32C over the whole header with this value zeroed, 4 bytes big endian.</summary>
    Crc32C = 0x03,

    /// <summary>Padding.</summary>
    Noop = 0x04,

    /// <summary>Opaque id of the connection, at most 128 bytes.</summary>
    UniqueId = 0x05,

    /// <summary>About the client's TLS (<see cref="ProxySslInfo"/>).</summary>
    Ssl = 0x20,

    /// <summary>In <see cref="Ssl"/>: TLS version, ASCII.</summary>
    SslVersion = 0x21,

    /// <summary>In <see cref="Ssl"/>: common name of the client certificate, UTF-8.</summary>
    SslCommonName = 0x22,

    /// <summary>In <see cref="Ssl"/>: cipher, ASCII.</summary>
    SslCipher = 0x23,

    /// <summary>In <see cref="Ssl"/>: signature algorithm of the server certificate, ASCII.</summary>
    SslSignatureAlgorithm = 0x24,

    /// <summary>In <see cref="Ssl"/>: key algorithm of the server certificate, ASCII.</summary>
    SslKeyAlgorithm = 0x25,

    /// <summary>In <see cref="Ssl"/>: key exchange group, ASCII.</summary>
    SslGroup = 0x26,

    /// <summary>In <see cref="Ssl"/>: signature scheme of the handshake, ASCII.</summary>
    SslSignatureScheme = 0x27,

    /// <summary>In <see cref="Ssl"/>: the client certificate, DER.</summary>
    SslClientCertificate = 0x28,

    /// <summary>Network namespace of the sender, ASCII.</summary>
    NetworkNamespace = 0x30,
}
