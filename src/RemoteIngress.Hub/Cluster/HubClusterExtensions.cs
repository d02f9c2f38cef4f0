using Microsoft.Extensions.DependencyInjection;

namespace RemoteIngress.Hub.Cluster;

/// <summary>The part of a silo by which hubs know each other.</summary>
internal static class HubClusterExtensions
{
    public static ISiloBuilder AddHubDirectory(this ISiloBuilder silo, HubDirectory hubs)
    {
        silo.Services.AddSingleton(hubs);
        silo.Services.AddSingleton<IHubServiceClient, HubServiceClient>();
        silo.Services.AddHostedService<HubPeers>();
        return silo.AddGrainService<HubService>();
    }
}
