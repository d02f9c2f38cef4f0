using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Registry.Hubs;
using RemoteIngress.Hub.Registry.Push;
using RemoteIngress.Hub.Registry.Storage;

namespace RemoteIngress.Hub.Silo;

/// <summary>The parts of a silo that make it one of ours.</summary>
internal static class RegistrySiloExtensions
{
    /// <summary>The grains' own services. The sink is where changes of the registry arrive at this silo.</summary>
    public static ISiloBuilder AddRegistry(this ISiloBuilder silo, IEdgeChangeSink sink, HubOptions options, TimeProvider time)
    {
        silo.Services.AddSingleton(sink);
        silo.Services.AddSingleton(options);
        silo.Services.AddSingleton<IHubDirectory, MembershipHubs>();
        silo.Services.TryAddSingleton(time);
        silo.Services.AddSingleton<IEdgePushClient, EdgePushClient>();
        silo.Services.AddSingleton<IEdgePush, EdgePush>();
        return silo.AddGrainService<EdgePushService>();
    }

    public static ISiloBuilder AddMemoryRegistryStorage(this ISiloBuilder silo) =>
        silo.AddMemoryGrainStorage(RegistryNames.StorageProvider, builder => builder.Configure(options =>
            options.GrainStorageSerializer = new JsonStateSerializer()));

    public static ISiloBuilder AddRedisRegistryStorage(this ISiloBuilder silo, string connection) =>
        silo.AddRedisGrainStorage(RegistryNames.StorageProvider, builder => builder.Configure(options =>
        {
            options.ConfigurationOptions = RedisConnection.Parse(connection);
            options.DeleteStateOnClear = true;
            options.GrainStorageSerializer = new JsonStateSerializer();
        }));

    /// <summary>
    /// The measured fast set: a killed hub is out in under 2 s, a hung one in under 4 s. MaxProbeTimeout is what makes the second
    /// true; by default a silo that hangs is believed for most of a minute.
    /// </summary>
    public static ISiloBuilder UseFastMembership(this ISiloBuilder silo) =>
        silo.Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = TimeSpan.FromSeconds(1);
                options.MaxProbeTimeout = TimeSpan.FromSeconds(1);
                options.NumMissedProbesLimit = 3;
                options.NumVotesForDeathDeclaration = 2;

                // A joining silo first reaches every other that looks alive. A hub that was killed and comes back on another port meets its dead
                // self there, and waits until that has missed two of these signs.
                options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
                options.NumMissedTableIAmAliveLimit = 2;
                options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
                options.DefunctSiloExpiration = TimeSpan.FromHours(1);
                options.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
            })
            .Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(3));
}
