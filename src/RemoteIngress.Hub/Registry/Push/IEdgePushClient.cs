using Orleans.Services;

namespace RemoteIngress.Hub.Registry.Push;

/// <summary>Reaches the push service of one silo.</summary>
internal interface IEdgePushClient : IGrainServiceClient<IEdgePushService>
{
    IEdgePushService At(SiloAddress silo);
}
