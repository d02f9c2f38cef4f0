using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Edge.Forwarding;

/// <summary>What a client's connection needs of its loop.</summary>
internal interface IClientOwner
{
    bool IsAnyTunnelReady { get; }

    /// <summary>A tunnel that is up and not among <paramref name="tried"/>.</summary>
    HubTunnel? Choose(IReadOnlyList<HubTunnel> tried);

    /// <summary>Keeps the connection until a tunnel is up or its time is over.</summary>
    void Hold(ClientConnection connection);

    /// <summary>A tunnel that is up has no room for one more stream.</summary>
    void OnTunnelFull();

    /// <summary>A connection went to another tunnel before OPENED.</summary>
    void OnMoved();

    /// <summary>The connection is over.</summary>
    void OnEnded(ClientConnection connection, StreamEndReason reason);
}
