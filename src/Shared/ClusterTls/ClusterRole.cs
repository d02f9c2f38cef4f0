using System.Security.Cryptography.X509Certificates;

namespace RemoteIngress.ClusterTls;

/// <summary>
/// What a certificate of the cluster's authority lets its holder be: said by a DNS name in it, since every tool that makes certificates
/// can write one, and none writes these by itself (ADR 10).
/// </summary>
internal static class ClusterRole
{
    /// <summary>A hub: may join the cluster, and may be dialled as one.</summary>
    public const string Hub = "hub.remoteingress.internal";

    /// <summary>A program that manages edges: may call the registry through a gateway, and nothing else.</summary>
    public const string Client = "client.remoteingress.internal";

    /// <summary>Whether the certificate names the role itself; a wildcard does not.</summary>
    public static bool Has(X509Certificate2 certificate, string role) =>
        certificate.Extensions
            .OfType<X509SubjectAlternativeNameExtension>()
            .Any(names => names.EnumerateDnsNames().Contains(role, StringComparer.OrdinalIgnoreCase));
}
