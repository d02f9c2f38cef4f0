using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RemoteIngress.Testing.Transport;

/// <summary>A certificate authority of a test, and members' certificates as PEM files in a directory.</summary>
public sealed class ClusterPki : IDisposable
{
    public const string Hub = "hub.remoteingress.internal";
    public const string Client = "client.remoteingress.internal";
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private readonly string _directory;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;

    public ClusterPki(string directory, string name = "ca")
    {
        _directory = directory;
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
        Ca = Write($"{name}.pem", _root.ExportCertificatePem());
    }

    /// <summary>The file of the authority.</summary>
    public string Ca { get; }

    /// <summary>Writes certificate and key of a member, over what is there; answers their files and the certificate's serial number.</summary>
    /// <param name="name">Name of the files.</param>
    /// <param name="dnsNames">What it is said to be, <see cref="Hub"/> or <see cref="Client"/>.</param>
    /// <param name="usages">OIDs of what it may be used for; none: for anything.</param>
    /// <param name="days">How long it counts yet; negative for one that has expired.</param>
    public (string Certificate, string Key, string Serial) Issue(string name, string[] dnsNames, string[]? usages = null, int days = 5)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        if (dnsNames.Length > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            Array.ForEach(dnsNames, names.AddDnsName);
            request.CertificateExtensions.Add(names.Build());
        }

        if (usages is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(usage => new Oid(usage))], critical: false));
        }

        using var leaf = request.Create(
            _root, DateTimeOffset.UtcNow.AddDays(-20), DateTimeOffset.UtcNow.AddDays(days), [1, .. RandomNumberGenerator.GetBytes(7)]);
        return (Write($"{name}.pem", leaf.ExportCertificatePem()), Write($"{name}-key.pem", key.ExportPkcs8PrivateKeyPem()), leaf.SerialNumber);
    }

    /// <summary>Certificate and key of a hub.</summary>
    public (string Certificate, string Key, string Serial) IssueHub(string name) => Issue(name, [Hub], [ServerAuth, ClientAuth]);

    /// <summary>Certificate and key of a client.</summary>
    public (string Certificate, string Key, string Serial) IssueClient(string name) => Issue(name, [Client], [ClientAuth]);

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text + "\n");
        return path;
    }
}
