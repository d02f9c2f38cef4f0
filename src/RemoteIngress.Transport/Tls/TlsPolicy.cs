using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RemoteIngress.Transport.Tls;

/// <summary>
/// How tunnels speak TLS: version 1.3 alone, our ALPN, no resumption. Who the hub is, is proved by SCRAM with channel binding and not by
/// the chain, so a self-signed certificate is as good as any (docs/security.md).
/// </summary>
internal static class TlsPolicy
{
    /// <summary>ALPN of protocol version 2.</summary>
    internal static readonly SslApplicationProtocol Alpn = new("remoteingress/2");

    /// <summary>
    /// Offered beside <see cref="Alpn"/>, and never chosen, for a tunnel that is to carry datagrams: the hub reads it before TLS begins and gives
    /// the connection to a loop that has nothing else to do.
    /// </summary>
    internal static readonly SslApplicationProtocol DatagramsAlpn = new("remoteingress/2-datagrams");

    private static readonly CipherSuitesPolicy Suites = new(
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
    ]);

    internal static SslServerAuthenticationOptions Server(SslStreamCertificateContext certificate) => new()
    {
        ServerCertificateContext = certificate,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [Alpn],
        CipherSuitesPolicy = Suites,
        ClientCertificateRequired = false,
        AllowTlsResume = false,
        AllowRenegotiation = false,
    };

    internal static SslClientAuthenticationOptions Client(string host, bool isForDatagrams = false) => new()
    {
        TargetHost = host,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = isForDatagrams ? [Alpn, DatagramsAlpn] : [Alpn],
        CipherSuitesPolicy = Suites,
        AllowTlsResume = false,
        AllowRenegotiation = false,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,

        // The chain is not what we trust, and building one must never reach for the network or the system's list of authorities (a megabyte
        // for each process) on a loop's thread.
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationFlags = X509VerificationFlags.AllFlags,
        },
        RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
    };
}
