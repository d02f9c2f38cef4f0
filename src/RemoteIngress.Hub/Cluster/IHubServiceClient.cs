using Orleans.Services;

namespace RemoteIngress.Hub.Cluster;

/// <summary>Reaches the hub of one silo.</summary>
internal interface IHubServiceClient : IGrainServiceClient<IHubService>
{
    IHubService At(SiloAddress silo);
}
