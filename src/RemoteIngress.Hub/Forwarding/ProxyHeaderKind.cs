namespace RemoteIngress.Hub.Forwarding;

/// <summary>What a target is sent before the client's bytes.</summary>
internal enum ProxyHeaderKind
{
    /// <summary>PROXY protocol version 1, a line of text.</summary>
    V1,

    /// <summary>PROXY protocol version 2 with UNIQUE_ID and CRC32C.</summary>
    V2,

    /// <summary>Nothing: the target sees the hub as its client.</summary>
    None,
}
