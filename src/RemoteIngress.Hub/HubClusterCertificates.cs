using RemoteIngress.ClusterTls;

namespace RemoteIngress.Hub;

/// <summary>The files of mutual TLS between hubs, which a hub reads when it starts.</summary>
public static class HubClusterCertificates
{
    /// <summary>Reads them as a start would; what is wrong, one line each, named by flag. Empty when all is well or none is given.</summary>
    public static IReadOnlyList<string> Check(HubOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            if (ClusterTlsFiles.From(options.ClusterCa, options.ClusterCert, options.ClusterKey) is { } files)
            {
                ClusterCertificate.Load(files, ClusterRole.Hub);
            }

            return [];
        }
        catch (ClusterCertificateException e)
        {
            return [Explain(e)];
        }
    }

    /// <summary>One line that names the flag.</summary>
    internal static string Explain(ClusterCertificateException error) =>
        $"{(error.File == ClusterTlsFile.Ca ? "--cluster-ca" : "--cluster-cert")}: {error.Message}";
}
