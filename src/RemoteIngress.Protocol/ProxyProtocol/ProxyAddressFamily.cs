namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>What kind of addresses a PROXY header carries.</summary>
public enum ProxyAddressFamily
{
    /// <summary>None: use the connection's own.</summary>
    Unspecified,

    /// <summary>IPv4.</summary>
    IPv4,

    /// <summary>IPv6.</summary>
    IPv6,

    /// <summary>Unix domain sockets.</summary>
    Unix,
}
