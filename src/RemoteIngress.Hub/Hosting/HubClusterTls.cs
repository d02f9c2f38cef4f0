using Microsoft.Extensions.Logging;
using RemoteIngress.ClusterTls;

namespace RemoteIngress.Hub.Hosting;

/// <summary>Reads the files of mutual TLS between hubs, and tells when there is none where there should be.</summary>
internal static partial class HubClusterTls
{
    /// <exception cref="HubStartException">The files cannot be used; the message names the option.</exception>
    internal static ClusterTlsMiddleware? Open(HubOptions options, TimeProvider time, ILogger logger)
    {
        if (ClusterTlsFiles.From(options.ClusterCa, options.ClusterCert, options.ClusterKey) is not { } files)
        {
            if (!options.IsSiloOnLoopback())
            {
                LogInsecure(logger, options.SiloAddress);
            }

            return null;
        }

        try
        {
            return new ClusterTlsMiddleware(new ClusterCertificates(files, ClusterRole.Hub, time, logger), time, logger);
        }
        catch (ClusterCertificateException e)
        {
            throw new HubStartException(HubClusterCertificates.Explain(e), e);
        }
    }

    [LoggerMessage(
        3260, LogLevel.Warning,
        "--insecure-cluster: the silo and gateway ports on {Address} have NO AUTHENTICATION AND NO ENCRYPTION: whoever reaches them owns every hub and edge of this cluster; give --cluster-ca, --cluster-cert and --cluster-key",
        EventName = "InsecureCluster")]
    private static partial void LogInsecure(ILogger logger, string address);
}
