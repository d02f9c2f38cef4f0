using Microsoft.Extensions.Logging;

namespace RemoteIngress.ClusterTls;

/// <summary>
/// The certificate of the moment. The files are looked at when a handshake begins, at most once a second, and read again when they changed:
/// connections between hubs are few and live long, so that nobody has to watch the files meanwhile. What cannot be used leaves the last good ones in
/// force. Thread-safe.
/// </summary>
internal sealed partial class ClusterCertificates
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly ClusterTlsFiles _files;
    private readonly string _role;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private ClusterCertificate _current;
    private string _stamp;
    private long _looked;
    private string _lastError = "";

    /// <exception cref="ClusterCertificateException">The files cannot be used.</exception>
    public ClusterCertificates(ClusterTlsFiles files, string role, TimeProvider time, ILogger logger)
    {
        _files = files;
        _role = role;
        _time = time;
        _logger = logger;

        // before reading: what changes meanwhile is seen at the next look
        _stamp = Stamp();
        _looked = time.GetTimestamp();
        _current = ClusterCertificate.Load(files, role);
    }

    public ClusterCertificate Current
    {
        get
        {
            lock (_lock)
            {
                if (_time.GetElapsedTime(_looked) >= LookEvery)
                {
                    _looked = _time.GetTimestamp();
                    Look();
                }

                return _current;
            }
        }
    }

    private void Look()
    {
        var stamp = Stamp();
        if (stamp == _stamp)
        {
            return;
        }

        try
        {
            _current = ClusterCertificate.Load(_files, _role);
            _stamp = stamp;
            _lastError = "";
            LogReloaded(_files.Certificate, _current.Own.TargetCertificate.NotAfter);
        }
        catch (ClusterCertificateException e)
        {
            // The stamp is not remembered, so that a half-written set is looked at again; but it is not told again and again.
            if (e.Message != _lastError)
            {
                LogUnusable(e.Message);
                _lastError = e.Message;
            }
        }
    }

    private string Stamp() => string.Join('|', Stamp(_files.Ca), Stamp(_files.Certificate), Stamp(_files.Key));

    // The target of links: certificate managers replace files by swapping one.
    private static string Stamp(string file)
    {
        FileSystemInfo info = new FileInfo(file);
        try
        {
            info = info.ResolveLinkTarget(returnFinalTarget: true) ?? info;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // gone for a moment, as while it is being replaced: reading it will say so
        }

        return $"{info.FullName}@{info.LastWriteTimeUtc.Ticks}";
    }

    [LoggerMessage(1011, LogLevel.Information, "cluster certificate reloaded from {File}, valid until {NotAfter:u}", EventName = "ClusterCertificateReloaded")]
    private partial void LogReloaded(string file, DateTime notAfter);

    [LoggerMessage(1012, LogLevel.Warning, "changed cluster certificate not used, the last good one stays: {Error}", EventName = "ClusterCertificateUnusable")]
    private partial void LogUnusable(string error);
}
