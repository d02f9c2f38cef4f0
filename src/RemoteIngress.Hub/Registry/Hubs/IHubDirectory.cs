using System.Collections.Immutable;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Hubs;

/// <summary>The hubs of the cluster as this one sees them.</summary>
internal interface IHubDirectory
{
    /// <summary>Those that are part of the cluster right now, by name.</summary>
    Task<ImmutableArray<HubView>> ListAsync();
}
