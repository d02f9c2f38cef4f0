namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>Version 2's command.</summary>
public enum ProxyCommand
{
    /// <summary>The sender speaks for itself (a health check): use the connection's own addresses.</summary>
    Local,

    /// <summary>The sender speaks for the source of the header.</summary>
    Proxy,
}
