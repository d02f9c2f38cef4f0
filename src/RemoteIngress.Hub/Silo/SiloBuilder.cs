using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using RemoteIngress.ClusterTls;
using RemoteIngress.Hub.Cluster;
using RemoteIngress.Hub.Registry;

namespace RemoteIngress.Hub.Silo;

/// <summary>Puts together the host of one silo, which is not started yet. Every silo of a hub is built anew.</summary>
internal sealed class SiloBuilder(HubOptions options, SiloPorts ports, ClusterTlsMiddleware? tls, IEdgeChangeSink sink, HubDirectory hubs, ILoggerFactory loggers, TimeProvider time)
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <param name="died">Called when the cluster declares this silo dead, with the reason; must not block.</param>
    public IHost Build(Action<string> died)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<ILoggerFactory>(new OrleansLogFilter(loggers));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton<IFatalErrorHandler>(new SoftFatalErrorHandler(died));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.UseOrleans(Configure);
        return builder.Build();
    }

    private void Configure(ISiloBuilder silo)
    {
        silo.AddRegistry(sink, hubs, time).UseFastMembership();
        silo.Configure<SiloOptions>(names => names.SiloName = options.HubId);
        if (tls is not null)
        {
            silo.UseClusterTls(tls);
        }

        if (options.Redis is { } redis)
        {
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ClusterId));
            silo.ConfigureEndpoints(IPAddress.Parse(options.SiloAddress), ports.Silo, ports.Gateway);
            silo.UseRedisClustering(clustering => clustering.ConfigurationOptions = RedisConnection.Parse(redis));
            silo.AddRedisRegistryStorage(redis);
        }
        else
        {
            // a cluster of one; its name is nobody else's, so that several side by side never meet
            var name = $"{options.ClusterId}-{Guid.NewGuid():N}";
            silo.UseLocalhostClustering(ports.Silo, ports.Gateway, primarySiloEndpoint: null, serviceId: name, clusterId: name);
            silo.AddMemoryRegistryStorage();
        }
    }
}
