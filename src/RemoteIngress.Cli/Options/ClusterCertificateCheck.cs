using RemoteIngress.Hub;

namespace RemoteIngress.Cli.Options;

/// <summary>Reads the files of mutual TLS once, so that a mistake in them is told with all the others and not as hubs that never meet.</summary>
internal static class ClusterCertificateCheck
{
    public static void Run(HubOptions options, OptionReader reader) => reader.AddErrors(HubClusterCertificates.Check(options));
}
