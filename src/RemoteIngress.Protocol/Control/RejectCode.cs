namespace RemoteIngress.Protocol.Control;

/// <summary>Why a hub refuses a handshake. On the wire the name in camel case; unknown names are read as <see cref="InternalError"/>.</summary>
public enum RejectCode
{
    /// <summary>A defect in the hub, or a code of a later version.</summary>
    InternalError,

    /// <summary>Unknown edge, wrong secret or wrong channel binding: deliberately not told apart.</summary>
    BadCredentials,

    /// <summary>The hub does not speak the edge's version.</summary>
    VersionMismatch,

    /// <summary>A limit on tunnels is reached; the message says which.</summary>
    Busy,

    /// <summary>The hub is being drained or stopped.</summary>
    Draining,

    /// <summary>The handshake took too long.</summary>
    Timeout,

    /// <summary>The edge broke the protocol.</summary>
    ProtocolError,

    /// <summary>The hub cannot ask its registry and has no last known good for this edge.</summary>
    RegistryUnavailable,
}
