namespace RemoteIngress.Testing.Processes;

/// <summary>nginx as a consumer of the PROXY header.</summary>
public sealed class NginxTool : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ExternalProcess _process;

    private NginxTool()
    {
        var path = _directory.Path;
        var config = _directory.Write("nginx.conf", $$"""
            daemon off;
            worker_processes 1;
            pid {{path}}/nginx.pid;
            error_log stderr error;
            events { worker_connections 8192; }
            http {
                access_log off;
                keepalive_requests 1000000;
                client_body_temp_path {{path}}/body;
                proxy_temp_path {{path}}/proxy;
                fastcgi_temp_path {{path}}/fastcgi;
                uwsgi_temp_path {{path}}/uwsgi;
                scgi_temp_path {{path}}/scgi;
                server {
                    listen 127.0.0.1:{{Port}} proxy_protocol;
                    location / { default_type text/plain; return 200 "src=$proxy_protocol_addr sport=$proxy_protocol_port dst=$proxy_protocol_server_addr dport=$proxy_protocol_server_port"; }
                }
            }

            """);
        _process = new ExternalProcess(Tool.Require("nginx"), ["-c", config, "-p", path, "-e", "stderr"]);
    }

    public int Port { get; } = Ports.Free();

    public string Log => _process.Text;

    public static async Task<NginxTool> StartAsync(CancellationToken cancellation)
    {
        var tool = new NginxTool();
        await tool._process.WaitForPortAsync(tool.Port, cancellation);
        return tool;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }
}
