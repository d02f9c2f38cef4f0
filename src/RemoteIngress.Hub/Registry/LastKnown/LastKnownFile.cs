using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace RemoteIngress.Hub.Registry.LastKnown;

/// <summary>
/// Keeps what is known in the data directory, encrypted with a key beside it, so that a hub that starts while the registry is away can serve the edges that it
/// served before. Nothing about it may keep a hub from running: what cannot be read is ignored and said, what cannot be written is tried again.
/// </summary>
internal sealed partial class LastKnownFile(LastKnownEdges known, string directory, string cluster, TimeProvider time, ILogger logger)
{
    public const string FileName = "last-known-edges";
    public const string KeyFileName = "last-known-edges.key";

    // changes of many edges make one file
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // and without a change the times of confirmation are written so often
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    private readonly string _path = Path.Combine(directory, FileName);
    private readonly string _keyPath = Path.Combine(directory, KeyFileName);
    private Task _change = known.NextChangeAsync();
    private byte[]? _key;
    private bool _isFailing;

    /// <summary>Takes over what an earlier process left.</summary>
    public void Load()
    {
        try
        {
            _key = ReadKey();
            if (_key is null || !File.Exists(_path))
            {
                return;
            }

            if (new FileInfo(_path).Length > LastKnownFormat.MaxFileSize)
            {
                LogIgnored(_path, "it is too large");
                return;
            }

            var (edges, error) = LastKnownFormat.Decode(File.ReadAllBytes(_path), cluster, _key);
            if (error is not null)
            {
                LogIgnored(_path, error);
                return;
            }

            LogLoaded(known.Restore(edges), edges.Count);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogIgnored(_path, e.Message);
        }
    }

    /// <summary>Writes whenever something changed, until it is cancelled; then once more.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using (var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
                {
                    await Task.WhenAny(_change, Task.Delay(Period, time, timer.Token));
                    await timer.CancelAsync();
                }

                cancellationToken.ThrowIfCancellationRequested();
                await Task.Delay(Pause, time, cancellationToken);
                Save();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Save();
        }
    }

    private void Save()
    {
        try
        {
            // asked before: what changes while this is written is written next
            _change = known.NextChangeAsync();
            _key ??= CreateKey();
            OwnerOnlyFile.Replace(_path, LastKnownFormat.Encode(known.Snapshot(), cluster, _key, out var left));
            _isFailing = false;
            if (left > 0)
            {
                LogTooMuch(_path, left);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // once, and not for every change
            if (!_isFailing)
            {
                LogNotSaved(_path, e.Message);
            }

            _isFailing = true;
        }
    }

    private byte[]? ReadKey()
    {
        if (!File.Exists(_keyPath))
        {
            return null;
        }

        if (!OwnerOnlyFile.IsPrivate(_keyPath))
        {
            LogIgnored(_keyPath, "others could read it; a new one is made");
            return null;
        }

        var key = File.ReadAllBytes(_keyPath);
        if (key.Length == LastKnownFormat.KeySize)
        {
            return key;
        }

        LogIgnored(_keyPath, "it is no key; a new one is made");
        return null;
    }

    private byte[] CreateKey()
    {
        var key = RandomNumberGenerator.GetBytes(LastKnownFormat.KeySize);
        OwnerOnlyFile.Replace(_keyPath, key);
        return key;
    }

    [LoggerMessage(3270, LogLevel.Information, "{Count} of {All} edges are known from before, for the time that the registry cannot be asked", EventName = "LastKnownLoaded")]
    private partial void LogLoaded(int count, int all);

    [LoggerMessage(3271, LogLevel.Warning, "{Path} is ignored: {Reason}", EventName = "LastKnownIgnored")]
    private partial void LogIgnored(string path, string reason);

    [LoggerMessage(3272, LogLevel.Warning, "{Path} cannot be written ({Reason}); after a restart without a registry this hub would serve nobody", EventName = "LastKnownNotSaved")]
    private partial void LogNotSaved(string path, string reason);

    [LoggerMessage(3273, LogLevel.Warning, "{Path} does not hold all: {Left} edges are left out", EventName = "LastKnownTooMuch")]
    private partial void LogTooMuch(string path, int left);
}
