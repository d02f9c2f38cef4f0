using System.Collections.Immutable;
using Orleans.Services;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Cluster;

/// <summary>What hubs ask of each other: runs on every silo, and never moves. Hub to hub only: Orleans clients cannot call it.</summary>
[Alias("remoteingress.IHubService")]
internal interface IHubService : IGrainService
{
    /// <summary>How the hub is now.</summary>
    [Alias("Describe")]
    Task<HubView> DescribeAsync();

    /// <summary>The edges that have tunnels there.</summary>
    [Alias("HeldEdges")]
    Task<ImmutableArray<HeldEdge>> HeldEdgesAsync();

    /// <summary>The caller is no longer as it described itself: ask again.</summary>
    [Alias("AskAgain")]
    Task AskAgainAsync();

    /// <summary>Begins to drain; answers before it has.</summary>
    [Alias("Drain")]
    Task DrainAsync();
}
