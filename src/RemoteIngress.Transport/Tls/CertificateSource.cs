using Microsoft.Extensions.Logging;

namespace RemoteIngress.Transport.Tls;

/// <summary>
/// The hub's certificate of the moment. PEM files are looked at every 10 s and read again when they changed (polling sees the symbolic
/// link swaps of certificate managers that file watching misses); a pair that cannot be used leaves the last good one in force.
/// </summary>
internal sealed partial class CertificateSource : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly string? _certificateFile;
    private readonly string? _keyFile;
    private readonly ILogger _logger;
    private readonly ITimer? _timer;
    private HubCertificate _current;
    private (string, DateTime, string, DateTime) _stamp;
    private string _lastError = "";

    private CertificateSource(HubCertificate current, ILogger logger)
    {
        _current = current;
        _logger = logger;
    }

    private CertificateSource(
        HubCertificate current,
        string certificateFile,
        string keyFile,
        (string, DateTime, string, DateTime) stamp,
        TimeProvider time,
        ILogger logger)
        : this(current, logger)
    {
        _certificateFile = certificateFile;
        _keyFile = keyFile;
        _stamp = stamp;
        _timer = time.CreateTimer(static state => ((CertificateSource)state!).Look(), this, LookEvery, LookEvery);
    }

    /// <summary>Thread-safe; new tunnels use what is current when they start.</summary>
    internal HubCertificate Current => Volatile.Read(ref _current);

    /// <summary>The one kept in <paramref name="dataDirectory"/>, or one for this process alone where there is none, or no room for one.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    internal static CertificateSource SelfSigned(string? dataDirectory, TimeProvider time, ILogger logger)
    {
        try
        {
            return new CertificateSource(CertificateLoader.SelfSigned(dataDirectory, time.GetUtcNow()), logger);
        }
        catch (IOException exception) when (CertificateLoader.IsDiskFull(exception))
        {
            // Edges trust the secret and not the certificate: a hub without room on its disk can serve them all the same.
            var source = new CertificateSource(CertificateLoader.SelfSigned(null, time.GetUtcNow()), logger);
            source.LogNotKept(dataDirectory!);
            return source;
        }
    }

    /// <exception cref="IOException">The files cannot be used; the message says why.</exception>
    internal static CertificateSource FromPem(string certificateFile, string keyFile, TimeProvider time, ILogger logger)
    {
        // Before reading: what changes meanwhile is seen at the next look.
        var stamp = Stamp(certificateFile, keyFile);
        return CertificateLoader.TryLoadPem(certificateFile, keyFile, out var certificate, out var error)
            ? new CertificateSource(certificate!, certificateFile, keyFile, stamp, time, logger)
            : throw new IOException(error);
    }

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        var stamp = Stamp(_certificateFile!, _keyFile!);
        if (stamp == _stamp)
        {
            return;
        }

        if (!CertificateLoader.TryLoadPem(_certificateFile!, _keyFile!, out var certificate, out var error))
        {
            // The stamp is not remembered, so that a half-written pair is looked at again; but it is not told again and again.
            if (error != _lastError)
            {
                LogUnusable(error);
                _lastError = error;
            }

            return;
        }

        _stamp = stamp;
        _lastError = "";
        Volatile.Write(ref _current, certificate!);
        LogReloaded(_certificateFile!, certificate!.NotAfter);
    }

    private static (string, DateTime, string, DateTime) Stamp(string certificateFile, string keyFile)
    {
        var (certificate, key) = (Target(certificateFile), Target(keyFile));
        return (certificate.FullName, certificate.LastWriteTimeUtc, key.FullName, key.LastWriteTimeUtc);
    }

    private static FileSystemInfo Target(string file)
    {
        var info = new FileInfo(file);
        try
        {
            return info.ResolveLinkTarget(returnFinalTarget: true) ?? info;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Gone for a moment, as while it is being replaced: reading it will say so.
            return info;
        }
    }

    [LoggerMessage(1001, LogLevel.Information, "certificate reloaded from {File}, valid until {NotAfter:u}", EventName = "CertificateReloaded")]
    private partial void LogReloaded(string file, DateTime notAfter);

    [LoggerMessage(1002, LogLevel.Warning, "changed certificate not used, the last good one stays: {Error}", EventName = "CertificateUnusable")]
    private partial void LogUnusable(string error);

    [LoggerMessage(1003, LogLevel.Warning, "--data-dir: no space left in {Directory}: the certificate is for this run only; free some space", EventName = "CertificateNotKept")]
    private partial void LogNotKept(string directory);
}
