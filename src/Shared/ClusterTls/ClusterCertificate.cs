using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RemoteIngress.ClusterTls;

/// <summary>One reading of the three files: who we are, and whom we believe. Never changes.</summary>
internal sealed class ClusterCertificate
{
    private ClusterCertificate(SslStreamCertificateContext own, X509ChainPolicy policy)
    {
        Own = own;
        Policy = policy;
    }

    /// <summary>Our certificate with its chain and key.</summary>
    public SslStreamCertificateContext Own { get; }

    /// <summary>Trusts the cluster's authorities and no other. Taken as a copy by every handshake.</summary>
    public X509ChainPolicy Policy { get; }

    /// <summary>Reads the files, and sees that a peer with the same ones would believe us in that role.</summary>
    /// <exception cref="ClusterCertificateException">They cannot be used; the message names file and cure.</exception>
    public static ClusterCertificate Load(ClusterTlsFiles files, string role)
    {
        var authorities = LoadAuthorities(files.Ca);
        var own = LoadOwn(files, out var chain);
        if (!ClusterRole.Has(own, role))
        {
            throw new ClusterCertificateException(
                ClusterTlsFile.Certificate, $"{files.Certificate} does not name {role} (a DNS name among its alternative names), which gives it this role");
        }

        var policy = CreatePolicy(authorities, chain);
        CheckChain(files, own, policy);
        return new ClusterCertificate(SslStreamCertificateContext.Create(own, chain, offline: true), policy);
    }

    private static X509Certificate2Collection LoadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new ClusterCertificateException(ClusterTlsFile.Ca, OneLine(e), e);
        }

        return authorities.Count > 0
            ? authorities
            : throw new ClusterCertificateException(ClusterTlsFile.Ca, $"{file} holds no PEM certificate; give that of the cluster's certificate authority");
    }

    private static X509Certificate2 LoadOwn(ClusterTlsFiles files, out X509Certificate2Collection chain)
    {
        chain = [];
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
            chain.ImportFromPemFile(files.Certificate);
            chain.RemoveAt(0);

            // SslStream wants a key that is bound to the certificate, not one attached for a moment.
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterCertificateException(ClusterTlsFile.Certificate, OneLine(e), e);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ClusterCertificateException(
                ClusterTlsFile.Certificate, $"{files.Certificate} and {files.Key} are not a PEM certificate with its unencrypted key", e);
        }
    }

    private static X509ChainPolicy CreatePolicy(X509Certificate2Collection authorities, X509Certificate2Collection chain)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,

            // an authority of a few certificates keeps no list; a certificate that must not count any more ends with its short life, or the authority
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ExtraStore.AddRange(chain);
        return policy;
    }

    private static void CheckChain(ClusterTlsFiles files, X509Certificate2 own, X509ChainPolicy policy)
    {
        using var chain = new X509Chain { ChainPolicy = policy.Clone() };
        if (!chain.Build(own))
        {
            var why = string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct(StringComparer.Ordinal));
            throw new ClusterCertificateException(
                ClusterTlsFile.Certificate, $"{files.Certificate} does not count before {files.Ca} ({why}); give a valid one that this authority signed");
        }
    }

    private static string OneLine(Exception exception) => exception.Message.ReplaceLineEndings(" ");
}
