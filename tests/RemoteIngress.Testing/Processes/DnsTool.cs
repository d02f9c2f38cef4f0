using System.Globalization;

namespace RemoteIngress.Testing.Processes;

/// <summary>DNS servers that want a PROXY v2 header in every datagram: dnsdist, and PowerDNS' recursor with a zone of its own. Both log their clients.</summary>
public sealed class DnsTool : IAsyncDisposable
{
    /// <summary>What <c>www.example.test</c> has.</summary>
    public const string Address = "192.0.2.99";

    private readonly TempDirectory _directory = new();
    private readonly ExternalProcess _process;
    private readonly string? _log;

    private DnsTool(bool isDnsdist)
    {
        if (isDnsdist)
        {
            _log = Path.Combine(_directory.Path, "queries.log");
            _process = new ExternalProcess(Tool.Require("dnsdist"), ["--supervised", "--disable-syslog", "-C", Dnsdist(_log)]);
        }
        else
        {
            _process = new ExternalProcess(Tool.Require("pdns_recursor"), [$"--config-dir={Recursor()}"]);
        }
    }

    public int Port { get; } = Ports.Free();

    /// <summary>What it wrote about its clients.</summary>
    public string Log => _log is null ? _process.Text : File.Exists(_log) ? File.ReadAllText(_log) : "";

    public static Task<DnsTool> StartDnsdistAsync(CancellationToken cancellation) => StartAsync(isDnsdist: true, cancellation);

    public static Task<DnsTool> StartRecursorAsync(CancellationToken cancellation) => StartAsync(isDnsdist: false, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    private static async Task<DnsTool> StartAsync(bool isDnsdist, CancellationToken cancellation)
    {
        var tool = new DnsTool(isDnsdist);

        // both listen on TCP too, after UDP
        await tool._process.WaitForPortAsync(tool.Port, cancellation);
        return tool;
    }

    private string Dnsdist(string log) => _directory.Write("dnsdist.conf", string.Create(CultureInfo.InvariantCulture, $$"""
        setLocal("127.0.0.1:{{Port}}")
        setACL({"127.0.0.0/8"})
        setProxyProtocolACL({"127.0.0.1/32"})
        setSecurityPollSuffix("")
        addAction(AllRule(), LogAction("{{log}}", false, false, false, false))
        addAction(AllRule(), SpoofAction({"{{Address}}"}))

        """));

    private string Recursor()
    {
        var zone = _directory.Write("zone", $"""
            $ORIGIN example.test.
            @ 3600 IN SOA ns.example.test. admin.example.test. 1 3600 600 86400 60
            @ 3600 IN NS ns.example.test.
            ns 3600 IN A {Address}
            www 3600 IN A {Address}

            """);
        _directory.Write("recursor.conf", string.Create(CultureInfo.InvariantCulture, $"""
            local-address=127.0.0.1
            local-port={Port}
            proxy-protocol-from=127.0.0.1/32
            allow-from=127.0.0.0/8
            auth-zones=example.test={zone}
            quiet=no
            daemon=no
            disable-syslog=yes
            security-poll-suffix=
            threads=1
            socket-dir={_directory.Path}

            """));
        return _directory.Path;
    }
}
