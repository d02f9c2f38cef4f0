using System.Net;
using RemoteIngress.Testing.Network;

namespace RemoteIngress.Testing.Processes;

/// <summary>coturn as a STUN server.</summary>
public sealed class TurnServerTool : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ExternalProcess _process;

    private TurnServerTool(IPEndPoint listen, NetworkNamespace? network)
    {
        var program = Tool.Require("turnserver");
        var path = _directory.Path;
        _process = NetworkNamespace.RunIn(network, () => new ExternalProcess(
            program,
            [
                "-n", "-v", "--stun-only", "--no-cli", "--no-tcp", "--no-tls", "--no-dtls", "--listening-ip", $"{listen.Address}", "--listening-port", $"{listen.Port}",
                "--log-file", "stdout", "--simple-log", "--pidfile", Path.Combine(path, "pid"), "--userdb", Path.Combine(path, "db"),
            ]));
    }

    public string Log => _process.Text;

    public static async Task<TurnServerTool> StartAsync(IPEndPoint listen, NetworkNamespace? network, CancellationToken cancellation)
    {
        var tool = new TurnServerTool(listen, network);
        await tool._process.WaitForLineAsync("UDP listener", static line => line.Contains("UDP listener opened", StringComparison.Ordinal), cancellation);
        return tool;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }
}
