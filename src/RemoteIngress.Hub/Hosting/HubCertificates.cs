using Microsoft.Extensions.Logging;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Hub.Hosting;

/// <summary>Opens what a hub keeps on disk: its directory and its certificate.</summary>
internal static class HubCertificates
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <exception cref="HubStartException">Something cannot be read or written; the message names the option.</exception>
    internal static CertificateSource Open(HubOptions options, TimeProvider time, ILogger logger)
    {
        CreateDirectory(options.DataDir);
        try
        {
            return options is { TlsCert: { } certificate, TlsKey: { } key }
                ? CertificateSource.FromPem(certificate, key, time, logger)
                : CertificateSource.SelfSigned(options.DataDir, time, logger);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var option = options.TlsCert is null ? "--data-dir" : "--tls-cert, --tls-key";
            throw new HubStartException($"{option}: {e.Message}", e);
        }
    }

    private static void CreateDirectory(string? directory)
    {
        if (directory is null || Directory.Exists(directory))
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(directory, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new HubStartException($"--data-dir: {e.Message} Choose a directory that this user may write.", e);
        }
    }
}
