using System.Text.RegularExpressions;
using RemoteIngress.Edge;
using RemoteIngress.Edge.Limits;
using RemoteIngress.Hub;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Transport.Limits;

namespace RemoteIngress.Cli.Tests;

/// <summary>The tables behind <c>--performance</c>: every field is read, bounded, shown, in the help and in docs/operations.md.</summary>
public sealed class PerformanceOptionTests
{
    private static readonly string[] Edge = ["check", "edge", "--hub", "a:1", "--edge-id", "e", "--secret", "s"];
    private static readonly string[] Hub = ["check", "hub"];

    [Fact]
    public Task EveryField_OfAHub_IsReadAndShown() => EveryFieldIsReadAndShownAsync(Hub, HubPerformance.Fields);

    [Fact]
    public Task EveryField_OfAnEdge_IsReadAndShown() => EveryFieldIsReadAndShownAsync(Edge, EdgePerformance.Fields);

    [Fact]
    public void Defaults_AreValid_AndEveryFieldHasAPropertyOfItsOwn()
    {
        CheckTable(HubPerformance.Fields, HubOptionsValidator.Validate);
        CheckTable(EdgePerformance.Fields, static options => [.. EdgeOptionsValidator.Validate(options).Where(static error => error.StartsWith("--performance", StringComparison.Ordinal))]);
    }

    [Fact]
    public async Task OutOfRange_EveryFieldAtOnce_WithTheCure()
    {
        var run = new CliRun { Environment = { ["REMOTEINGRESS_PERFORMANCE_JSON"] = """{"loops":257,"maxStreams":0,"maxTunnels":-1}""" } };

        Assert.Equal(2, await run.RunAsync(Hub));

        Assert.Equal(
            [
                "error: REMOTEINGRESS_PERFORMANCE_JSON: loops: 257 is out of range; give 0 to 256",
                "error: REMOTEINGRESS_PERFORMANCE_JSON: maxTunnels: -1 is out of range; give 1 to 1000000",
                "error: REMOTEINGRESS_PERFORMANCE_JSON: maxStreams: 0 is out of range; give 1 to 10000000",
            ],
            run.ErrorLines);
    }

    [Fact]
    public async Task AuthDelay_NotBelowTheHandshakesTime_IsRefused()
    {
        var run = new CliRun { Environment = { ["REMOTEINGRESS_PERFORMANCE_JSON"] = """{"handshakeSeconds":4}""" } };

        Assert.Equal(2, await run.RunAsync(Hub));

        Assert.StartsWith("error: REMOTEINGRESS_PERFORMANCE_JSON: authDelaySeconds: must be less than handshakeSeconds", Assert.Single(run.ErrorLines));
    }

    [Fact]
    public async Task FieldOfTheOtherSide_IsUnknownHere()
    {
        var run = new CliRun { Environment = { ["REMOTEINGRESS_PERFORMANCE_JSON"] = """{"maxTunnelsPerEdge":4}""" } };

        Assert.Equal(2, await run.RunAsync(Edge));

        Assert.StartsWith("error: REMOTEINGRESS_PERFORMANCE_JSON: unknown field 'maxTunnelsPerEdge'; this version has loops, datagramLoops, maxStreams", Assert.Single(run.ErrorLines));
    }

    private static async Task EveryFieldIsReadAndShownAsync<TOptions>(string[] command, IReadOnlyList<PerformanceField<TOptions>> fields)
        where TOptions : new()
    {
        var manual = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "operations.md"), TestContext.Current.CancellationToken);
        var help = new CliRun();
        await help.RunAsync([.. command[..2], "--help"]);
        foreach (var field in fields)
        {
            var value = field.Default + 1 <= field.Max ? field.Default + 1 : field.Min;
            var run = new CliRun { Environment = { ["REMOTEINGRESS_PERFORMANCE_JSON"] = $$"""{"{{field.Name}}":{{value}}}""" } };

            Assert.Equal(0, await run.RunAsync(command));

            Assert.Equal($"{value}", run.Value(field.Name));
            Assert.Contains($"{field.Name} {field.Default}", help.Out);
            Assert.Matches($@"(?m)^\| `{field.Name}` \|[^|]*\b(hub|edge)\b[^|]*\|[^|]*\b{Regex.Escape(Grouped(field.Default))}\b", manual);
        }
    }

    private static void CheckTable<TOptions>(IReadOnlyList<PerformanceField<TOptions>> fields, Func<TOptions, IReadOnlyList<string>> validate)
        where TOptions : new()
    {
        Assert.Empty(validate(new TOptions()));
        foreach (var field in fields)
        {
            var options = new TOptions();
            field.Set(options, field.Default + 1);
            var changed = Assert.Single(fields, other => other.Get(options) != other.Default);
            Assert.Equal(field, changed);
        }
    }

    private static string Grouped(int value) => value.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture);

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
