namespace RemoteIngress.Hub.Limits;

/// <summary>A bound of a hub that can be met. Each is counted by itself; <see cref="HubLimits"/> says how each is written.</summary>
internal enum HubLimit
{
    /// <summary>Connections to the tunnel port that are not authenticated.</summary>
    Unauthenticated,

    /// <summary>The same, of one address.</summary>
    UnauthenticatedPerAddress,

    /// <summary>An address failed to authenticate too often and has to wait; it is not refused.</summary>
    AuthFailures,

    /// <summary>Authenticated tunnels of the hub.</summary>
    Tunnels,

    /// <summary>Authenticated tunnels of one edge.</summary>
    TunnelsPerEdge,

    /// <summary>Processes that are connected with the id of one edge.</summary>
    InstancesPerEdge,

    /// <summary>Connections that the hub forwards.</summary>
    Streams,

    /// <summary>Connections of one edge.</summary>
    StreamsPerEdge,

    /// <summary>Connections of one tunnel.</summary>
    StreamsPerTunnel,

    /// <summary>UDP sessions that the hub forwards.</summary>
    UdpSessions,

    /// <summary>UDP sessions of one edge.</summary>
    UdpSessionsPerEdge,

    /// <summary>Descriptors of the process: only those are left that are reserved, or none.</summary>
    Descriptors,
}
