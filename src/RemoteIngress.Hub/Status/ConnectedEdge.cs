namespace RemoteIngress.Hub;

/// <summary>One connected instance of an edge, all its tunnels together.</summary>
public sealed record ConnectedEdge
{
    /// <summary>The edge's name.</summary>
    public required string EdgeId { get; init; }

    /// <summary>Which instance of it.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Address and port from which its first tunnel came.</summary>
    public required string RemoteAddress { get; init; }

    /// <summary>The public address that the edge found by STUN; <see langword="null"/> while it is unknown.</summary>
    public string? PublicIp { get; init; }

    /// <summary><c>tcpTls</c> or <c>quic</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>Since when it is connected.</summary>
    public required DateTimeOffset ConnectedAt { get; init; }

    /// <summary>Open TCP connections through this hub.</summary>
    public int ActiveStreams { get; init; }

    /// <summary>Open UDP sessions through this hub.</summary>
    public int ActiveUdpSessions { get; init; }

    /// <summary>Round trip in milliseconds; <see langword="null"/> before the first PONG.</summary>
    public double? RttMs { get; init; }

    /// <summary>Product and version of the edge, in its own words.</summary>
    public string? Software { get; init; }

    /// <summary>What the edge last said of itself; <see langword="null"/> before it did.</summary>
    public EdgeReport? Report { get; init; }

    /// <summary>The generation that this hub sent last.</summary>
    public long Generation { get; init; }

    /// <summary>The generation that the edge acknowledged last; 0 for none yet.</summary>
    public long AcknowledgedGeneration { get; init; }
}
