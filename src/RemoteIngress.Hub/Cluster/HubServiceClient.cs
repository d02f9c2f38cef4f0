using Orleans.Runtime.Services;

namespace RemoteIngress.Hub.Cluster;

internal sealed class HubServiceClient(IServiceProvider services) : GrainServiceClient<IHubService>(services), IHubServiceClient
{
    public IHubService At(SiloAddress silo) => GetGrainService(silo);
}
