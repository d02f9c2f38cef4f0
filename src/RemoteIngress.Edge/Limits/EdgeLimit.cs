namespace RemoteIngress.Edge.Limits;

/// <summary>A bound of an edge that can be met. Each is counted by itself.</summary>
internal enum EdgeLimit
{
    /// <summary>Clients served at once.</summary>
    Streams,

    /// <summary>Connections of one tunnel: the client goes to another tunnel, or is refused when there is none.</summary>
    StreamsPerTunnel,

    /// <summary>Clients that wait while no tunnel is up.</summary>
    Held,

    /// <summary>UDP sessions at once: the one that was idle the longest goes.</summary>
    UdpSessions,

    /// <summary>UDP sessions of one client: the one that was idle the longest goes.</summary>
    UdpSessionsPerClient,

    /// <summary>Descriptors of the process: only those are left that are reserved, or none.</summary>
    Descriptors,
}
