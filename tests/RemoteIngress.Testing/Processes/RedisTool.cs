using System.Net.Sockets;

namespace RemoteIngress.Testing.Processes;

/// <summary>A Redis of the test's own, which keeps nothing.</summary>
public sealed class RedisTool : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ExternalProcess _process;

    private RedisTool()
    {
        _process = new ExternalProcess(
            Tool.Require("redis-server"),
            ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--rdbcompression", "no", "--dir", _directory.Path]);
    }

    public int Port { get; } = Ports.Free();

    public string Connection => $"127.0.0.1:{Port}";

    public static async Task<RedisTool> StartAsync(CancellationToken cancellation)
    {
        var tool = new RedisTool();
        await tool._process.WaitForPortAsync(tool.Port, cancellation);
        return tool;
    }

    /// <summary>Every key with its value as Redis serializes it, uncompressed: what is in there can be compared and searched.</summary>
    public async Task<IReadOnlyDictionary<string, string>> DumpAsync(CancellationToken cancellation)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port, cancellation);
        await using var stream = client.GetStream();
        var dump = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in await RespReader.ArrayAsync(stream, ["KEYS", "*"], cancellation))
        {
            dump[key] = await RespReader.BulkAsync(stream, ["DUMP", key], cancellation) ?? "";
        }

        return dump;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }
}
