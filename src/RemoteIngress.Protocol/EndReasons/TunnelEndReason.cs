namespace RemoteIngress.Protocol.EndReasons;

/// <summary>Why a tunnel, or the attempt at one, ended. The first reason wins; <see cref="TunnelEndReasons"/> says how each is written.</summary>
public enum TunnelEndReason
{
    /// <summary>It has not ended.</summary>
    None,

    /// <summary>The peer closed in order.</summary>
    Closed,

    /// <summary>The edge id or its secret is not the registered one.</summary>
    BadCredentials,

    /// <summary>The hub did not prove that it knows the secret.</summary>
    BadHubProof,

    /// <summary>The peers have no protocol version in common.</summary>
    VersionMismatch,

    /// <summary>The handshake took too long.</summary>
    HandshakeTimeout,

    /// <summary>The peer sent too many bytes before authentication.</summary>
    PreAuthLimit,

    /// <summary>Nothing was heard from the peer for longer than the liveness limit.</summary>
    PeerSilent,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolError,

    /// <summary>TLS could not be established or broke.</summary>
    TlsFailed,

    /// <summary>The hub could not be reached.</summary>
    ConnectFailed,

    /// <summary>The connection broke.</summary>
    ConnectionLost,

    /// <summary>The hub was being drained.</summary>
    Draining,

    /// <summary>A newer tunnel of the same edge instance took its place.</summary>
    Replaced,

    /// <summary>The edge was removed from the registry.</summary>
    EdgeRemoved,

    /// <summary>The secret this tunnel was authenticated with is no longer valid.</summary>
    SecretChanged,

    /// <summary>The hub is no longer in the edge's list of hubs.</summary>
    HubRemoved,

    /// <summary>The hub could not ask its registry about the edge.</summary>
    RegistryUnavailable,

    /// <summary>The hub had no room for another tunnel.</summary>
    Busy,

    /// <summary>This process was stopping.</summary>
    Shutdown,

    /// <summary>A defect in this process.</summary>
    InternalError,
}
