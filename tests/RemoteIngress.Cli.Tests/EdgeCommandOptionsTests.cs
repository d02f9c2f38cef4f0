using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Cli.Tests;

public sealed class EdgeCommandOptionsTests
{
    [Fact]
    public async Task CheckEdge_Flags_PrintsThemWithTheSecretMasked()
    {
        var run = new CliRun();

        Assert.Equal(0, await run.RunAsync("check", "edge", "--hub", "a:1", "--hub", "[::1]:2", "--edge-id", "fra", "--secret", "hunter2"));

        Assert.Equal("a:1, [::1]:2", run.Value("hub"));
        Assert.Equal("fra", run.Value("edge-id"));
        Assert.Equal("***", run.Value("secret"));
        Assert.DoesNotContain("hunter2", run.Out);
    }

    [Fact]
    public async Task CheckEdge_FlagAndVariable_FlagWins()
    {
        var run = new CliRun
        {
            Environment =
            {
                ["REMOTEINGRESS_HUB"] = "env-1:1, env-2:2",
                ["REMOTEINGRESS_EDGE_ID"] = "env-id",
                ["REMOTEINGRESS_SECRET"] = "env-secret",
                ["REMOTEINGRESS_DRAIN_TIMEOUT"] = "7s",
                ["REMOTEINGRESS_HOLD_TIMEOUT"] = "9s",
            },
        };

        Assert.Equal(0, await run.RunAsync("check", "edge", "--edge-id", "flag-id", "--drain-timeout", "8s"));

        Assert.Equal("flag-id", run.Value("edge-id"));
        Assert.Equal("env-1:1, env-2:2", run.Value("hub"));
        Assert.Equal("8s", run.Value("drain-timeout"));
        Assert.Equal("9s", run.Value("hold-timeout"));
    }

    [Theory]
    [InlineData(null, null, "auto")]
    [InlineData(null, "required", "required")]
    [InlineData("off", "required", "off")]
    [InlineData("AUTO", null, "auto")]
    public async Task CheckEdge_Firewall_IsTheFlagOrTheVariable(string? flag, string? variable, string expected)
    {
        var run = new CliRun();
        if (variable is not null)
        {
            run.Environment["REMOTEINGRESS_FIREWALL"] = variable;
        }

        string[] more = flag is null ? [] : ["--firewall", flag];
        Assert.Equal(0, await run.RunAsync(["check", "edge", "--hub", "a:1", "--edge-id", "e", "--secret", "s", .. more]));

        Assert.Equal(expected, run.Value("firewall"));
    }

    [Fact]
    public async Task CheckEdge_FirewallUnknown_IsRefusedWithTheChoices()
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync("check", "edge", "--hub", "a:1", "--edge-id", "e", "--secret", "s", "--firewall", "on"));

        Assert.Equal(["error: --firewall: 'on' is unknown; use one of auto, off, required"], run.ErrorLines);
    }

    [Theory]
    [InlineData("9000", "hub.example.org:9000")]
    [InlineData("", "hub.example.org:8443")]
    public async Task CheckEdge_HubHostAndPortVariables_AreOneHub(string port, string expected)
    {
        var run = new CliRun
        {
            Environment =
            {
                ["REMOTEINGRESS_HUB_HOST"] = "hub.example.org",
                ["REMOTEINGRESS_HUB_PORT"] = port,
                ["REMOTEINGRESS_EDGE_ID"] = "e",
                ["REMOTEINGRESS_SECRET"] = "s",
            },
        };

        Assert.Equal(0, await run.RunAsync("check", "edge"));

        Assert.Equal(expected, run.Value("hub"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CheckEdge_Token_GivesHubsIdAndSecret(bool asFlag)
    {
        var token = new ConnectionToken { Host = "h", Port = 1, EdgeId = "tok", Secret = "s", Hubs = [new HubAddress("i", 2)] }.Encode();
        var run = new CliRun();
        run.Environment["REMOTEINGRESS_TOKEN"] = asFlag ? "broken but unused" : token;

        Assert.Equal(0, await run.RunAsync(asFlag ? ["check", "edge", "--token", token] : ["check", "edge"]));

        Assert.Equal("h:1, i:2", run.Value("hub"));
        Assert.Equal("tok", run.Value("edge-id"));
    }

    [Fact]
    public async Task CheckEdge_BadToken_IsOneErrorThatHoldsNothingOfIt()
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync("check", "edge", "--token", "not!a!token"));

        var line = Assert.Single(run.ErrorLines);
        Assert.StartsWith("error: --token: ", line);
        Assert.DoesNotContain("not!a", line);
    }

    [Fact]
    public async Task CheckEdge_TokenBesideSecret_IsRefused()
    {
        var token = new ConnectionToken { Host = "h", Port = 1, EdgeId = "tok", Secret = "s" }.Encode();
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync("check", "edge", "--token", token, "--secret", "x"));

        Assert.StartsWith("error: --token: given beside", Assert.Single(run.ErrorLines));
    }

    [Fact]
    public async Task CheckEdge_EverythingWrong_NamesAllAtOnce()
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync(
            "check", "edge", "--hub", "a:b", "--edge-id", "ü", "--secret", "s", "--transport", "quic", "--bind-address", "x",
            "--status-url", "ftp://x", "--drain-timeout", "5", "--log-level", "loud"));

        Assert.Equal(
            ["--bind-address", "--drain-timeout", "--edge-id", "--hub", "--log-level", "--status-url", "--transport"],
            run.ErrorLines.Select(line => line.Split(' ')[1].TrimEnd(':')).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("edge")]
    [InlineData("hub")]
    public async Task Check_DataDirThatIsAFile_IsRefusedAndOneThatCanBeMadeIsNot(string command)
    {
        var directory = Directory.CreateTempSubdirectory("remoteingress-cli-").FullName;
        try
        {
            var file = Path.Combine(directory, "file");
            await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
            string[] args = command == "edge" ? ["check", "edge", "--hub", "a:1", "--edge-id", "e", "--secret", "s"] : ["check", "hub"];
            var isFile = new CliRun();
            var below = new CliRun();
            var later = new CliRun();

            Assert.Equal(2, await isFile.RunAsync([.. args, "--data-dir", file]));
            Assert.Equal(2, await below.RunAsync([.. args, "--data-dir", Path.Combine(file, "a", "b")]));
            Assert.Equal(0, await later.RunAsync([.. args, "--data-dir", Path.Combine(directory, "a", "b")]));

            Assert.Equal([$"error: --data-dir: '{file}' is a file; give a directory, or a path where one can be made"], isFile.ErrorLines);
            Assert.Equal(isFile.ErrorLines, below.ErrorLines);
            Assert.False(Directory.Exists(Path.Combine(directory, "a")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task CheckEdge_PerformanceJson_IsReadAndUnknownFieldsAreNamed()
    {
        var good = new CliRun { Environment = { ["REMOTEINGRESS_PERFORMANCE_JSON"] = """{"loops":3,"maxStreams":77}""" } };
        var bad = new CliRun { Environment = { ["REMOTEINGRESS_PERFORMANCE_JSON"] = """{"loop":3,"maxStreams":"x"}""" } };
        string[] args = ["check", "edge", "--hub", "a:1", "--edge-id", "e", "--secret", "s"];

        Assert.Equal(0, await good.RunAsync(args));
        Assert.Equal(2, await bad.RunAsync(args));

        Assert.Equal("3", good.Value("loops"));
        Assert.Equal("77", good.Value("maxStreams"));
        Assert.Equal(2, bad.ErrorLines.Length);
        Assert.Contains("unknown field 'loop'", bad.ErrorLines[0]);
    }
}
