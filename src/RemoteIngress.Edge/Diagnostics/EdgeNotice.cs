using RemoteIngress.Edge.Firewall;
using RemoteIngress.Edge.Limits;
using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Diagnostics;

/// <summary>Something a loop tells the control plane.</summary>
internal abstract record EdgeNotice;

/// <summary>A tunnel of one loop is authenticated; the first one to its hub of all loops when <paramref name="IsFirst"/>.</summary>
internal sealed record TunnelUp(HubAddress Hub, string HubId, bool IsFirst) : EdgeNotice;

/// <summary>A tunnel of one loop ended, or could not be had (<paramref name="HubId"/> is null then).</summary>
internal sealed record TunnelDown(HubAddress Hub, string? HubId, TunnelEndReason Reason, string Detail, TimeSpan RetryIn) : EdgeNotice
{
    /// <summary>It was up, and no loop has another one to its hub.</summary>
    internal bool IsLast { get; init; }
}

/// <summary>A hub takes no new connections any more.</summary>
internal sealed record TunnelDraining(HubAddress Hub, string Reason) : EdgeNotice;

/// <summary>A hub is no longer among those this edge has tunnels to; of each loop.</summary>
internal sealed record HubLeft(HubAddress Hub) : EdgeNotice;

/// <summary>At this address is a hub that has a tunnel under the name <paramref name="Kept"/>.</summary>
internal sealed record SecondName(HubAddress Hub, HubAddress Kept, string HubId) : EdgeNotice;

/// <summary>A loop had no descriptor for a client that waits.</summary>
internal sealed record AcceptPaused(string Why) : EdgeNotice;

/// <summary>Clients are refused because a bound is met.</summary>
internal sealed record ClientsRefused(EdgeLimit Limit, string Detail) : EdgeNotice;

/// <summary>A hub sent a snapshot.</summary>
internal sealed record ConfigReceived(int Loop, HubTunnel Tunnel, byte[] Payload) : EdgeNotice;

/// <summary>The packet filter of a configuration is in force, was taken away, or could not be applied; told once for each change.</summary>
internal sealed record FirewallChanged(long Generation, FirewallState State, TimeSpan Took) : EdgeNotice;
