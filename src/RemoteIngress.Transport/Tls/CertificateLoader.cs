using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RemoteIngress.Transport.Tls;

/// <summary>Reads and makes certificates. Errors come back as one line that names the cure.</summary>
internal static class CertificateLoader
{
    private const string SelfSignedFile = "hub-certificate.pem";

    // ENOSPC and EDQUOT: the framework hands errno on
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Reads a PEM chain (leaf first) and its unencrypted private key.</summary>
    internal static bool TryLoadPem(string certificateFile, string keyFile, out HubCertificate? certificate, out string error)
    {
        certificate = null;
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            certificate = new HubCertificate(Persisted(pem), chain);
            error = "";
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error = exception.Message;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // ArgumentException: the key is another certificate's, as it is for a moment while a pair is being replaced.
            var cause = exception.Message.ReplaceLineEndings(" ");
            error = $"{certificateFile} and {keyFile} are not a PEM certificate with its unencrypted key: {cause}";
        }

        return false;
    }

    /// <summary>
    /// The self-signed certificate of this hub: read from <paramref name="dataDirectory"/>, or made and kept there (mode 0600), or made
    /// for this process alone when there is no directory.
    /// </summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    internal static HubCertificate SelfSigned(string? dataDirectory, DateTimeOffset now)
    {
        if (dataDirectory is null)
        {
            using var made = Create(now);
            return new HubCertificate(Persisted(made), null);
        }

        var file = Path.Combine(dataDirectory, SelfSignedFile);
        try
        {
            if (!File.Exists(file))
            {
                WriteNew(file, now);
            }
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }

        return TryLoadPem(file, file, out var certificate, out var error)
            ? certificate!
            : throw new IOException($"{error}; delete {file} to have a new one made");
    }

    /// <summary>Whether there was no room for what was to be written.</summary>
    internal static bool IsDiskFull(IOException exception) => exception.HResult is NoSpace or QuotaExceeded;

    private static void WriteNew(string file, DateTimeOffset now)
    {
        using var made = Create(now);
        using var key = made.GetECDsaPrivateKey()!;
        var temporary = file + ".new";

        // What a crash left behind would keep its mode, whatever that is.
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            using (var writer = new StreamWriter(temporary, options))
            {
                writer.WriteLine(made.ExportCertificatePem());
                writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
            }

            // A crash leaves either no certificate or a whole one.
            File.Move(temporary, file, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static X509Certificate2 Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=remoteingress-hub", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(20));
    }

    // SslStream wants a key that is bound to the certificate, not one attached for a moment.
    private static X509Certificate2 Persisted(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
