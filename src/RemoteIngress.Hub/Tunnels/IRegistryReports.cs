using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>What the data plane tells the registry. Returns at once; told in order for each edge.</summary>
internal interface IRegistryReports
{
    void Presence(string edgeId, EdgePresence presence);

    void Acknowledged(string edgeId, EdgeAcknowledgement acknowledgement);
}
