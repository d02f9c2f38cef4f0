namespace RemoteIngress.Testing.Load;

/// <summary>What a client says first, and what an edge may do with it before a target answered.</summary>
public enum LoadKind
{
    /// <summary>A request in clear on an <c>eager</c> port: told once.</summary>
    Eager,

    /// <summary>The same on a <c>confirmed</c> port.</summary>
    Confirmed,

    /// <summary>TLS on an <c>eager</c> port: exactly a ClientHello first.</summary>
    Tls,
}
