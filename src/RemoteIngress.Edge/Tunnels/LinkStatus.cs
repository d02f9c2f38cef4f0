using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>What one loop knows of one hub, for status output.</summary>
internal sealed record LinkStatus(HubAddress Hub, TunnelState State)
{
    internal string? HubId { get; init; }

    /// <summary>A tunnel that is up, and not the link that dials.</summary>
    internal bool IsTunnel { get; private init; }

    internal long RoundTrip { get; private init; }

    internal int Streams { get; private init; }

    /// <summary>By the number of the reason; empty for a tunnel, whose link counts.</summary>
    internal IReadOnlyList<long> Ends { get; init; } = [];

    internal static LinkStatus Of(HubTunnel tunnel) =>
        new(tunnel.Hub, tunnel.IsDraining ? TunnelState.Draining : TunnelState.Ready)
        {
            HubId = tunnel.HubId,
            IsTunnel = true,
            RoundTrip = tunnel.RoundTrip,
            Streams = tunnel.StreamCount,
        };
}
