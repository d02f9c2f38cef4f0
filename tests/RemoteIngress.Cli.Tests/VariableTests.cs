using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using RemoteIngress.Cli.Commands;
using RemoteIngress.Cli.Options;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Cli.Tests;

/// <summary>Every option of a hub and an edge can be set by its variable alone, a flag wins over it, and docs/operations.md lists them all.</summary>
public sealed class VariableTests : IDisposable
{
    private const string BareVariables = "MODE DEBUG HUB_HOST HUB_PORT ALLOWED_EDGES_JSON PERFORMANCE_JSON";
    private static readonly string[] Bases = ["REMOTEINGRESS_HUB=base:1", "REMOTEINGRESS_EDGE_ID=base", "REMOTEINGRESS_SECRET=base"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("remoteingress-cli-");
    private readonly (string Certificate, string Key) _pem = Pem();
    private readonly (string Ca, string Certificate, string Key) _cluster;

    public VariableTests()
    {
        using var pki = new ClusterPki(_directory.FullName);
        var hub = pki.IssueHub("hub");
        _cluster = (pki.Ca, hub.Certificate, hub.Key);
    }

    public static TheoryData<string, string> Options => new(
        from command in new[] { "hub", "edge" }
        from option in OptionsOf("check " + command)
        select (command, option));

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Options))]
    public async Task EveryOption_ByItsVariable_IsInForce_AndAFlagWins(string command, string option)
    {
        var (value, other, row, shown, otherShown) = Sample(command, option);
        var byVariable = Run(command, option, (OptionNames.Variable(option), value));
        var byFlag = Run(command, option, (OptionNames.Variable(option), value));

        Assert.True(await byVariable.RunAsync("check", command) == 0, string.Join('\n', byVariable.ErrorLines));
        Assert.True(await byFlag.RunAsync(other == "true" ? ["check", command, option] : ["check", command, option, other]) == 0, string.Join('\n', byFlag.ErrorLines));

        Assert.Equal(shown, byVariable.Value(row));
        Assert.Equal(otherShown, byFlag.Value(row));
    }

    [Theory]
    [InlineData("hub")]
    [InlineData("edge")]
    public void CheckAndRun_TakeTheSameOptions(string command) => Assert.Equal(OptionsOf(command), OptionsOf("check " + command));

    [Fact]
    public void Manual_ListsEveryVariable_WithItsOptionAndItsCommands()
    {
        var manual = File.ReadAllText(Path.Combine(Root(), "docs", "operations.md"));
        var rows = Regex.Matches(manual, @"(?m)^\| `REMOTEINGRESS_(\w+)` \| ([^|]+) \|").Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}").ToArray();
        var expected = new[] { "hub", "edge", "edges list", "demo" }
            .SelectMany(command => OptionsOf(command).Select(option => (option, command: command == "edges list" ? "management" : command)))
            .Where(pair => pair.option is not "--once")
            .GroupBy(pair => pair.option)
            .Select(same => $"{OptionNames.Variable(same.Key)[OptionNames.VariablePrefix.Length..]} {string.Join(", ", same.Select(pair => pair.command))}");

        Assert.Equal(expected.Order(StringComparer.Ordinal), rows.Where(row => !BareVariables.Split(' ').Contains(row.Split(' ')[0])).Order(StringComparer.Ordinal));
        Assert.Equal(BareVariables.Split(' ').Order(StringComparer.Ordinal), rows.Select(row => row.Split(' ')[0]).Where(BareVariables.Split(' ').Contains).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Errors_OfValuesFromTheEnvironment_NameTheVariable_AllAtOnce()
    {
        var run = new CliRun
        {
            Environment =
            {
                ["REMOTEINGRESS_STUN_SERVER"] = "a b",
                ["REMOTEINGRESS_STATUS_URL"] = "ftp://x",
                ["REMOTEINGRESS_EDGE_ID"] = "ü",
                ["REMOTEINGRESS_SECRET"] = "s",
                ["REMOTEINGRESS_HUB_HOST"] = "h",
                ["REMOTEINGRESS_HOLD_TIMEOUT"] = "soon",
                ["REMOTEINGRESS_PERFORMANCE_JSON"] = """{"maxStreams":0,"loop":1}""",
            },
        };

        Assert.Equal(2, await run.RunAsync("check", "edge", "--drain-timeout", "2h"));

        Assert.Equal(
            [
                "--drain-timeout", "REMOTEINGRESS_EDGE_ID", "REMOTEINGRESS_HOLD_TIMEOUT", "REMOTEINGRESS_PERFORMANCE_JSON", "REMOTEINGRESS_PERFORMANCE_JSON",
                "REMOTEINGRESS_STATUS_URL", "REMOTEINGRESS_STUN_SERVER",
            ],
            run.ErrorLines.Select(line => line.Split(' ')[1].TrimEnd(':')).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("[{\"id\":\"a\",\"secret\":\"hunter2\",\"listenPorts\":[0],\"stunIntervalSecs\":1}]", "[0].listenPorts[0]", "[0].stunIntervalSecs")]
    [InlineData("[{\"id\":\"a\",\"secret\":\"hunter2\"", "is not valid JSON")]
    [InlineData("{}", "")]
    public async Task AllowedEdgesJson_IsCheckedLikeAFile_WithVariableAndPlace(string json, params string[] places)
    {
        var run = new CliRun { Environment = { ["REMOTEINGRESS_MODE"] = "hub", ["REMOTEINGRESS_ALLOWED_EDGES_JSON"] = json } };

        Assert.Equal(2, await run.RunAsync());

        Assert.Equal(places.Length, run.ErrorLines.Length);
        Assert.All(run.ErrorLines.Zip(places), pair => Assert.StartsWith("error: REMOTEINGRESS_ALLOWED_EDGES_JSON: " + pair.Second, pair.First));
        Assert.All(run.ErrorLines, line => Assert.DoesNotContain("hunter2", line));
    }

    [Fact]
    public async Task JsonVariables_WinOverTheFilesVariables()
    {
        var run = new CliRun
        {
            Environment =
            {
                ["REMOTEINGRESS_ALLOWED_EDGES"] = "/nonexistent",
                ["REMOTEINGRESS_ALLOWED_EDGES_JSON"] = """[{"id":"a","secret":"s"}]""",
                ["REMOTEINGRESS_PERFORMANCE"] = "/nonexistent",
                ["REMOTEINGRESS_PERFORMANCE_JSON"] = """{"loops":2}""",
            },
        };

        Assert.True(await run.RunAsync("check", "hub") == 0, string.Join('\n', run.ErrorLines));

        Assert.Equal(("1: a", "2"), (run.Value("allowed-edges"), run.Value("loops")));
    }

    private CliRun Run(string command, string option, (string Name, string Value) variable)
    {
        var run = new CliRun();
        foreach (var pair in command == "edge" && option != "--token" ? Bases : [])
        {
            run.Environment[pair.Split('=')[0]] = pair.Split('=')[1];
        }

        if (option is "--tls-cert" or "--tls-key")
        {
            run.Environment["REMOTEINGRESS_TLS_CERT"] = Write(_pem.Certificate);
            run.Environment["REMOTEINGRESS_TLS_KEY"] = Write(_pem.Key);
        }

        if (option.StartsWith("--cluster-", StringComparison.Ordinal) && option is not "--cluster-id")
        {
            run.Environment["REMOTEINGRESS_CLUSTER_CA"] = _cluster.Ca;
            run.Environment["REMOTEINGRESS_CLUSTER_CERT"] = _cluster.Certificate;
            run.Environment["REMOTEINGRESS_CLUSTER_KEY"] = _cluster.Key;
        }

        run.Environment[variable.Name] = variable.Value;
        return run;
    }

    /// <summary>A value for the variable, another for the flag, the row of <c>check</c> and what it shows of either. An option without one fails here.</summary>
    private (string Value, string Other, string Row, string Shown, string OtherShown) Sample(string command, string option)
    {
        var row = option[2..];
        return option switch
        {
            "--token" => (Token("env"), Token("flag"), "edge-id", "env", "flag"),
            "--hub" => ("h:1,[::1]:2", "i:3", row, "h:1, [::1]:2", "i:3"),
            "--secret" or "--admin-token" => ("0123456789abcdef", "fedcba9876543210", row, "***", "***"),
            "--insecure-cluster" => ("0", "true", row, "no", "yes"),
            "--redis" => ("a:1,password=x", "b:2,password=y", "registry", "redis a:1", "redis b:2"),
            "--allowed-edges" => (Write("[{\"id\":\"a\",\"secret\":\"s\"}]"), Write("[{\"id\":\"b\",\"secret\":\"s\"}]"), row, "1: a", "1: b"),
            "--performance" => (Write("{\"loops\":2}"), Write("{\"loops\":3}"), "loops", "2", "3"),
            "--tls-cert" => Same(Write(_pem.Certificate), Write(_pem.Certificate)),
            "--tls-key" => Same(Write(_pem.Key), Write(_pem.Key)),
            "--cluster-ca" => Copies(_cluster.Ca),
            "--cluster-cert" => Copies(_cluster.Certificate),
            "--cluster-key" => Copies(_cluster.Key),
            "--transport" => ("tcpTls", "quicWithFallback", row, "tcpTls", "quicWithFallback (TLS in this version)"),
            "--log-level" => Same("debug", "error"),
            "--tunnel-address" or "--silo-address" or "--bind-address" => Same("127.0.0.2", "127.0.0.3"),
            "--admin-url" or "--status-url" => Same("http://127.0.0.1:1", "http://127.0.0.1:2"),
            "--firewall" => Same("off", "required"),
            "--stun-server" => Same("stun.example.org:3479", "off"),
            "--data-dir" => Same("/nonexistent/a", "/nonexistent/b"),
            "--advertise" => Same("h.example.org:1", "h.example.org:2"),
            "--tunnel-port" or "--silo-port" or "--gateway-port" => Same("1001", "1002"),
            "--max-hubs" => Same("3", "4"),
            "--hold-timeout" or "--drain-timeout" => Same("11s", "12s"),
            "--target-host" or "--cluster-id" or "--hub-id" or "--edge-id" or "--instance-id" => Same("name-1", "name-2"),
            _ => throw new NotSupportedException($"{command} {option}: give this test a value for it"),
        };

        (string, string, string, string, string) Copies(string file) => Same(Write(File.ReadAllText(file)), Write(File.ReadAllText(file)));

        (string, string, string, string, string) Same(string value, string other) => (value, other, row, value, other);
    }

    private static string Token(string id) => new ConnectionToken { Host = "h", Port = 1, EdgeId = id, Secret = "s" }.Encode();

    private static (string Certificate, string Key) Pem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private string Write(string text)
    {
        var path = Path.Combine(_directory.FullName, Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, text);
        return path;
    }

    private static IReadOnlyList<string> OptionsOf(string path)
    {
        Command command = RootCommandFactory.Create(new CliContext { Out = TextWriter.Null, Error = TextWriter.Null, In = TextReader.Null, Environment = _ => null });
        foreach (var name in path.Split(' '))
        {
            command = command.Subcommands.Single(sub => sub.Name == name);
        }

        return [.. command.Options.Where(option => option.Name is not "--help").Select(option => option.Name).Order(StringComparer.Ordinal)];
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "remoteingress.sln")))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        return directory;
    }
}
