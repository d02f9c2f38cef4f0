namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>Version 2's transport; version 1 only knows <see cref="Stream"/>.</summary>
public enum ProxyTransport
{
    /// <summary>Not said.</summary>
    Unspecified,

    /// <summary>TCP, or a stream socket.</summary>
    Stream,

    /// <summary>UDP, or a datagram socket.</summary>
    Datagram,
}
