namespace RemoteIngress.Testing.Processes;

/// <summary>HAProxy as a consumer of the PROXY header: it answers every request with the addresses it was told.</summary>
public sealed class HaproxyTool : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ExternalProcess _process;

    private HaproxyTool()
    {
        var config = _directory.Write("haproxy.cfg", $"""
            global
                maxconn 4000
            defaults
                mode http
                timeout connect 5s
                timeout client 30s
                timeout server 30s
            frontend proxied
                bind 127.0.0.1:{Port} accept-proxy
                http-request return status 200 content-type text/plain lf-string "src=%[src] sport=%[src_port] dst=%[dst] dport=%[dst_port] id=%[fc_pp_unique_id]"

            """);
        _process = new ExternalProcess(Tool.Require("haproxy"), ["-db", "-f", config]);
    }

    public int Port { get; } = Ports.Free();

    public string Log => _process.Text;

    public static async Task<HaproxyTool> StartAsync(CancellationToken cancellation)
    {
        var tool = new HaproxyTool();
        await tool._process.WaitForPortAsync(tool.Port, cancellation);
        return tool;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }
}
