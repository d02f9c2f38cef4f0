using System.Text.Json;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Hubs;

/// <summary>
/// The last known hubs in the data directory, so that an edge can be started while the hub it was given is away. For its owner only: it says
/// where the private side can be reached. Written whole or not at all.
/// </summary>
internal sealed class HubListFile(string dataDir)
{
    internal const string FileName = "hubs.json";
    private const int Version = 1;
    private const int MaxBytes = 64 * 1024;

    internal string Path { get; } = System.IO.Path.Combine(dataDir, FileName);

    /// <summary>What it holds; none, and why, when it cannot be used. A file that is not there is no error.</summary>
    internal async Task<(IReadOnlyList<HubAddress> Hubs, string? Error)> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!File.Exists(Path))
            {
                return ([], null);
            }

            if (new FileInfo(Path).Length > MaxBytes)
            {
                return ([], $"it is longer than {MaxBytes} bytes");
            }

            return Parse(await File.ReadAllBytesAsync(Path, cancellationToken));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ([], exception.Message);
        }
    }

    /// <summary>Replaces what it holds.</summary>
    /// <exception cref="IOException">It cannot be written; what it held stays.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    internal async Task WriteAsync(IReadOnlyList<HubAddress> hubs, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(dataDir);
        var temporary = Path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        var content = new HubListContent(Version, [.. hubs.Select(static hub => hub.ToString())]);
        try
        {
            await using (var stream = new FileStream(temporary, options))
            {
                await JsonSerializer.SerializeAsync(stream, content, HubListJson.Default.HubListContent, cancellationToken);

                // A rename may reach the disk before the bytes do.
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, Path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static (IReadOnlyList<HubAddress> Hubs, string? Error) Parse(byte[] bytes)
    {
        HubListContent? content;
        try
        {
            content = JsonSerializer.Deserialize(bytes, HubListJson.Default.HubListContent);
        }
        catch (JsonException)
        {
            return ([], "it is not the JSON object that an edge writes");
        }

        if (content is not { Version: Version, Hubs: { } names })
        {
            return ([], $"it is not of version {Version}");
        }

        var hubs = new List<HubAddress>();
        foreach (var name in names)
        {
            if (!HubAddress.TryParse(name, out var hub))
            {
                return ([], "it holds something that is no address of a hub");
            }

            hubs.Add(hub);
        }

        return (hubs, null);
    }
}
