namespace RemoteIngress.Cli.Tests;

public sealed class UsageTests
{
    public static TheoryData<string> Commands =>
    [
        "", "hub", "edge", "token", "token encode", "token decode", "edges", "edges list", "edges get", "edges apply", "edges set",
        "edges remove", "edges rotate-secret", "edges token", "hubs list", "hubs drain", "status", "check", "check hub", "check edge", "demo",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_EveryCommand_SaysHowItIsUsed(string command)
    {
        var run = new CliRun();

        var exitCode = await run.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(0, exitCode);
        Assert.Contains("Usage:", run.Out);
        Assert.Empty(run.ErrorLines);
    }

    [Theory]
    [InlineData("hub")]
    [InlineData("edge")]
    [InlineData("status")]
    public async Task Help_EveryOptionWithAValue_NamesItsVariable(string command)
    {
        var run = new CliRun();

        await run.RunAsync(command, "--help");

        var options = run.OutLines.Where(line => line.TrimStart().StartsWith("--", StringComparison.Ordinal) && line.Contains('<')).ToList();
        Assert.NotEmpty(options);
        Assert.All(options, line =>
        {
            var name = line.Trim().Split(' ')[0];
            Assert.Contains("[env: REMOTEINGRESS_" + name[2..].Replace('-', '_').ToUpperInvariant() + "]", line);
        });
    }

    [Fact]
    public async Task Bare_WithoutMode_PrintsShortHelpAndExits2()
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync());

        Assert.StartsWith("usage: remoteingress", run.ErrorLines[0]);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Bare_WithUnknownMode_NamesTheVariable()
    {
        var run = new CliRun { Environment = { ["REMOTEINGRESS_MODE"] = "proxy" } };

        Assert.Equal(2, await run.RunAsync());

        Assert.Equal(["error: REMOTEINGRESS_MODE: is neither hub nor edge; set it to one of them, or unset it and give a command"], run.ErrorLines);
    }

    [Theory]
    [InlineData("REMOTEINGRESS_TOKEN", "x")]
    [InlineData("REMOTEINGRESS_ALLOWED_EDGES_JSON", "[]")]
    [InlineData("REMOTEINGRESS_DATA_DIR", "/x")]
    public async Task Bare_WithoutModeButWithVariables_SaysWhatIsMissing(string variable, string value)
    {
        var run = new CliRun { Environment = { [variable] = value } };

        Assert.Equal(2, await run.RunAsync());

        Assert.Equal($"error: REMOTEINGRESS_MODE: missing although {variable} is set; set it to hub or edge, or give a command", run.ErrorLines[^1]);
    }

    [Fact]
    public async Task Bare_WithModeEdge_IsAnEdge()
    {
        var run = new CliRun { Environment = { ["REMOTEINGRESS_MODE"] = "edge" } };

        Assert.Equal(2, await run.RunAsync());

        Assert.Contains(run.ErrorLines, line => line.StartsWith("error: --edge-id: missing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OptionsOnly_WithModeHub_IsAHub()
    {
        var run = new CliRun { Environment = { ["REMOTEINGRESS_MODE"] = "hub" } };

        Assert.Equal(2, await run.RunAsync("--tunnel-port", "x"));

        Assert.Equal(["error: --tunnel-port: 'x' is not a port; use 1 to 65535, or 0 for a free one"], run.ErrorLines);
    }

    [Fact]
    public async Task UnknownOption_NamesItAndTheHelp()
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync("check", "edge", "--bogus"));

        Assert.Equal(["error: unknown option '--bogus'; see 'remoteingress check edge --help'"], run.ErrorLines);
    }

    [Theory]
    [InlineData("hbu", "error: unknown command 'hbu', did you mean 'hub'?; see 'remoteingress --help'")]
    [InlineData("edges lst", "error: unknown command 'lst', did you mean 'list'?; see 'remoteingress edges --help'")]
    [InlineData("hub --tunel-port 5", "error: unknown option '--tunel-port', did you mean '--tunnel-port'?; see 'remoteingress hub --help'")]
    [InlineData("edge --secrt=hunter2", "error: unknown option '--secrt', did you mean '--secret'?; see 'remoteingress edge --help'")]
    [InlineData("hub hunter2", "error: one value too many; see 'remoteingress hub --help'")]
    public async Task Misspelt_IsOneLineThatSaysWhatWasMeant(string arguments, string expected)
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync(arguments.Split(' ')));

        Assert.Equal([expected], run.ErrorLines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    public async Task EdgesGet_WhatIsNoId_IsRefusedBeforeTheApiIsAsked(string id)
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync("edges", "get", id));

        Assert.Equal([$"error: ID: '{id}' is no edge's id; give one that 'edges list' shows"], run.ErrorLines);
    }

    [Fact]
    public async Task SecretGivenTwice_IsRefusedWithoutRepeatingIt()
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync("check", "edge", "--hub", "h:1", "--edge-id", "e", "--secret", "hunter2", "--secret", "hunter3"));

        Assert.Equal(["error: --secret: given 2 times; give it once"], run.ErrorLines);
    }
}
