using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>What a <see cref="HubTunnel"/> tells its link, on the loop's thread.</summary>
internal interface ITunnelOwner
{
    /// <summary>Authenticated both ways: new connections may be opened.</summary>
    void OnReady(HubTunnel tunnel, Welcome welcome);

    /// <summary>A CONFIG came; its bytes now belong to the callee.</summary>
    void OnConfig(HubTunnel tunnel, byte[] payload);

    /// <summary>No new streams go there any more: the hub said so, or this edge leaves it.</summary>
    void OnDraining(HubTunnel tunnel, string reason);

    /// <summary>It is over, all of its streams were told.</summary>
    void OnClosed(HubTunnel tunnel, TunnelEndReason reason, string detail);

    /// <summary>Its socket is closed too, after its last frames had time to leave.</summary>
    void OnReleased();
}
