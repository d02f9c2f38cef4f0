using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RemoteIngress.Cli.Options;

/// <summary>Reads the PEM pair once, so that a mistake in it is told with all the others and not at the first handshake.</summary>
internal static class CertificateCheck
{
    public static void Run(string? certificatePath, string? keyPath, OptionReader reader)
    {
        if (certificatePath is null || keyPath is null)
        {
            // one without the other is the validator's to report
            return;
        }

        var certificate = reader.ReadFile("--tls-cert", certificatePath);
        var key = reader.ReadFile("--tls-key", keyPath);
        if (certificate is null || key is null)
        {
            return;
        }

        if (!IsCertificate(certificate))
        {
            reader.AddError("--tls-cert", $"'{certificatePath}' holds no PEM certificate; give the certificate chain, leaf first");
            return;
        }

        try
        {
            using var pair = X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            reader.AddError("--tls-key", $"'{keyPath}' is not the unencrypted PEM key of '{certificatePath}'; give the pair that belongs together");
        }
    }

    private static bool IsCertificate(string pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
