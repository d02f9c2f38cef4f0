using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RemoteIngress.Protocol.Tls;

namespace RemoteIngress.Transport.Tls;

/// <summary>A certificate with its key, ready to serve, and the channel binding that follows from it.</summary>
internal sealed class HubCertificate
{
    internal HubCertificate(X509Certificate2 certificate, X509Certificate2Collection? intermediates)
    {
        // Offline: building the chain must not reach for the network.
        Context = SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
        Binding = TlsServerEndPoint.Binding(certificate);
        Thumbprint = certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);
        NotAfter = certificate.NotAfter;
    }

    internal SslStreamCertificateContext Context { get; }

    /// <summary>tls-server-end-point of this certificate.</summary>
    internal byte[] Binding { get; }

    /// <summary>SHA-256 of the certificate, in hexadecimal.</summary>
    internal string Thumbprint { get; }

    internal DateTime NotAfter { get; }
}
