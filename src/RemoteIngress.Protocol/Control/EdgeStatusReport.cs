namespace RemoteIngress.Protocol.Control;

/// <summary>STATUS, edge to hub, on change and at intervals of the edge's choice.</summary>
public sealed record EdgeStatusReport
{
    /// <summary>Public address found by STUN; null while unknown.</summary>
    public string? PublicIp { get; init; }

    /// <summary>Product and version, for people. At most 128 characters.</summary>
    public required string Software { get; init; }

    /// <summary>TCP connections of the whole edge instance, on all of its tunnels.</summary>
    public int ActiveStreams { get; init; }

    /// <summary>UDP sessions of the whole edge instance.</summary>
    public int ActiveUdpSessions { get; init; }
}
