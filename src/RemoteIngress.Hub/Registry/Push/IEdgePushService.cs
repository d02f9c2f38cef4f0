using Orleans.Services;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Push;

/// <summary>The end of the push on every silo. Hub to hub only: Orleans clients cannot call it.</summary>
[Alias("remoteingress.IEdgePushService")]
internal interface IEdgePushService : IGrainService
{
    /// <summary>An edge has this state now.</summary>
    [Alias("Changed")]
    Task ChangedAsync(EdgeRecord record);

    /// <summary>An edge is gone.</summary>
    [Alias("Removed")]
    Task RemovedAsync(string edgeId, long generation);
}
