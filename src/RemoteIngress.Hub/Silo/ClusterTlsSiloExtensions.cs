using Orleans.Configuration;
using RemoteIngress.ClusterTls;

namespace RemoteIngress.Hub.Silo;

/// <summary>Puts mutual TLS under every connection of a silo.</summary>
internal static class ClusterTlsSiloExtensions
{
    /// <summary>Other hubs at the silo port; hubs and clients at the gateway, which lets its callers reach grains and nothing else.</summary>
    public static ISiloBuilder UseClusterTls(this ISiloBuilder silo, ClusterTlsMiddleware tls) => silo.Configure<SiloConnectionOptions>(options =>
    {
        options.ConfigureSiloInboundConnection(connections => tls.Accept(connections, ClusterRole.Hub));
        options.ConfigureGatewayInboundConnection(connections => tls.Accept(connections, ClusterRole.Hub, ClusterRole.Client));
        options.ConfigureSiloOutboundConnection(tls.Dial);
    });
}
