using Orleans.Runtime.Services;

namespace RemoteIngress.Hub.Registry.Push;

internal sealed class EdgePushClient(IServiceProvider services) : GrainServiceClient<IEdgePushService>(services), IEdgePushClient
{
    public IEdgePushService At(SiloAddress silo) => GetGrainService(silo);
}
