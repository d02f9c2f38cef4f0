using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using RemoteIngress.Transport.Handshake;
using StackExchange.Redis;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// Makes the challenges for unknown edges the same at every hub of a cluster and after every restart: whoever gets two different ones for one id knows that
/// there is no such edge. The key is kept in the data directory and, for the other hubs, in Redis; until Redis answers, a hub goes by its own.
/// </summary>
internal sealed partial class SharedDecoyKey(HubOptions options, Func<RedisLink?> redis, ILogger<SharedDecoyKey> logger)
{
    private const string FileName = "decoy-key";

    private static readonly FileStreamOptions NewFile = new()
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    };

    /// <summary>The key of the moment.</summary>
    public DecoyKey Key { get; } = new(Read(options.DataDir) ?? RandomNumberGenerator.GetBytes(DecoyKey.Length));

    /// <summary>Name of the key in Redis.</summary>
    public static string RedisKey(string clusterId) => $"{clusterId}/decoy-key";

    /// <summary>Takes the cluster's key, or gives it ours when it has none. False: Redis does not answer.</summary>
    public async Task<bool> TryShareAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (redis() is { } link)
            {
                await ShareAsync(link.Database, cancellationToken);
            }

            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Keeps the key for the next start.</summary>
    public void Keep()
    {
        var key = Key.Current;
        if (options.DataDir is not { } directory || (Read(directory) is { } kept && kept.AsSpan().SequenceEqual(key.Span)))
        {
            return;
        }

        try
        {
            Write(Path.Combine(directory, FileName), key.Span);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // a hub without room on its disk serves edges all the same
            LogNotKept(directory, e.Message);
        }
    }

    private async Task ShareAsync(IDatabase database, CancellationToken cancellationToken)
    {
        var name = RedisKey(options.ClusterId);
        await database.StringSetAsync(name, Key.Current, when: When.NotExists).WaitAsync(cancellationToken);
        if ((byte[]?)await database.StringGetAsync(name).WaitAsync(cancellationToken) is { Length: DecoyKey.Length } shared)
        {
            Key.Replace(shared);
            Keep();
        }
    }

    private static byte[]? Read(string? directory)
    {
        try
        {
            return directory is not null && File.ReadAllBytes(Path.Combine(directory, FileName)) is { Length: DecoyKey.Length } key ? key : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Write(string file, ReadOnlySpan<byte> key)
    {
        // A full disk takes the file and not what is in it: half of one must not stay.
        var temporary = file + ".new";
        File.Delete(temporary);
        try
        {
            using (var stream = new FileStream(temporary, NewFile))
            {
                stream.Write(key);
            }

            File.Move(temporary, file, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }

    [LoggerMessage(3243, LogLevel.Warning, "--data-dir: the key of decoy challenges cannot be kept in {Directory}: {Reason}", EventName = "DecoyKeyNotKept")]
    private partial void LogNotKept(string directory, string reason);
}
