namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>Outcome of reading a PROXY header.</summary>
public enum ProxyReadStatus
{
    /// <summary>A header was read.</summary>
    Ok,

    /// <summary>Not yet a header, not yet known to be none; come back with more bytes. Never said of more than the longest header.</summary>
    NeedMore,

    /// <summary>No continuation can make it a header: drop the connection.</summary>
    Invalid,
}
