namespace RemoteIngress.Hub.Forwarding;

/// <summary>What a target is sent before the client's bytes.</summary>
internal enum ProxyHeaderKind
{
    /// <summary>PROXY protocol version 1, a line of text.</summary>
    V1,

    /// <summary>PROXY protocol version 2 with UNIQUE_ID and CRC32C.</summary>
    V2,

    /// <summary>UDP: a datagram of its own with the version 2 header, before the first.</summary>
    V2HeaderOnly,

    /// <summary>UDP: the version 2 header in the first datagram.</summary>
    V2First,

    /// <summary>UDP: the version 2 header in every datagram (proxy-protocol.txt, since 2026).</summary>
    V2Every,

    /// <summary>Nothing: the target sees the hub as its client.</summary>
    None,
}
