namespace RemoteIngress.Edge.Status;

/// <summary>The tunnels of this edge to one hub, all loops together.</summary>
public sealed record EdgeTunnelStatus
{
    /// <summary>Where it is dialled, as host:port.</summary>
    public required string Hub { get; init; }

    /// <summary>What the hub calls itself; null before the first tunnel.</summary>
    public string? HubId { get; init; }

    /// <summary>
    /// <c>ready</c>, <c>draining</c>, <c>standby</c> (the hub has a tunnel under another name), <c>connecting</c> or <c>waiting</c> (to dial
    /// again): the best of all loops.
    /// </summary>
    public required string State { get; init; }

    /// <summary>What carries it.</summary>
    public string Transport { get; init; } = "tcpTls";

    /// <summary>Smoothed round trip in milliseconds, the lowest of all loops; null before the first measurement.</summary>
    public double? RttMs { get; init; }

    /// <summary>Connections that go through it now.</summary>
    public required int ActiveStreams { get; init; }

    /// <summary>Tunnel connections that are up.</summary>
    public required int Connections { get; init; }

    /// <summary>Tunnels and attempts at one that ended since the start, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Ended { get; init; }
}
