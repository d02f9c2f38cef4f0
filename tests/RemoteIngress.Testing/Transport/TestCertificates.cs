using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Testing.Transport;

/// <summary>Certificates for tests.</summary>
public static class TestCertificates
{
    /// <summary>One self-signed certificate for tests that only need any.</summary>
    internal static HubCertificate Hub { get; } = CertificateLoader.SelfSigned(null, DateTimeOffset.UtcNow);

    /// <summary>Writes a fresh certificate (leaf signed by a root, chain in one file) and its key as PEM.</summary>
    public static string WritePem(string certificateFile, string keyFile, string name)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=root", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        using var root = rootRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(10));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var leaf = request.Create(root, now.AddDays(-1), now.AddDays(9), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(certificateFile, leaf.ExportCertificatePem() + "\n" + root.ExportCertificatePem() + "\n");
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
        return leaf.GetCertHashString(HashAlgorithmName.SHA256);
    }
}
