using RemoteIngress.Testing;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.EndToEnd.Tests.Commands;

public sealed class HelpAndCheckTests
{
    public static TheoryData<string> Commands =>
    [
        "", "hub", "edge", "token", "token encode", "token decode", "edges", "edges list", "edges get", "edges apply", "edges set",
        "edges remove", "edges rotate-secret", "edges token", "status", "check", "check hub", "check edge", "demo",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_EveryCommand_ExitsWith0(string command)
    {
        var (exitCode, output, error) = await RemoteIngressProcess.RunAsync(
            [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"], Timeouts.Token());

        Assert.Equal(0, exitCode);
        Assert.Contains($"remoteingress {command}".TrimEnd(), output);
        Assert.Empty(error);
    }

    [Fact]
    public async Task Bare_WithoutMode_ExitsWith2()
    {
        var (exitCode, output, error) = await RemoteIngressProcess.RunAsync([], Timeouts.Token());

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("usage: ", error);
    }

    [Fact]
    public async Task CheckHub_Good_ExitsWith0AndTouchesNothing()
    {
        using var directory = new TempDirectory();
        var data = Path.Combine(directory.Path, "not-yet");
        var edges = directory.Write("edges.json", """[{"id":"a","secret":"hunter2-hunter2","listenPorts":[443]}]""");

        var (exitCode, output, error) = await RemoteIngressProcess.RunAsync(
            ["check", "hub", "--allowed-edges", edges, "--data-dir", data], Timeouts.Token());

        Assert.True(exitCode == 0, error);
        Assert.EndsWith("configuration ok", output);
        Assert.DoesNotContain("hunter2", output);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task CheckHub_Bad_ExitsWith2AndNamesEverything()
    {
        using var directory = new TempDirectory();
        var edges = directory.Write("edges.json", """[{"id":"a","secret":"x","listenPorts":[0]},{"id":"a","secret":"y","color":1}]""");

        var (exitCode, output, error) = await RemoteIngressProcess.RunAsync(
            ["check", "hub", "--allowed-edges", edges, "--tunnel-port", "70000", "--admin-url", "http://0.0.0.0:9080", "--drain-timeout", "soon"], Timeouts.Token());

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        foreach (var expected in new[] { "--allowed-edges: [0].listenPorts[0]", "[1].id", "[1].color", "--tunnel-port:", "--admin-token:", "--drain-timeout:" })
        {
            Assert.Contains(expected, error);
        }

        Assert.All(error.Split('\n'), line => Assert.StartsWith("error: ", line));
    }

    [Fact]
    public async Task CheckEdge_Bad_ExitsWith2AndGood_With0()
    {
        var token = Timeouts.Token();
        var bad = await RemoteIngressProcess.RunAsync(["check", "edge", "--transport", "quic"], token);
        var good = await RemoteIngressProcess.RunAsync(["check", "edge", "--hub", "h:1", "--edge-id", "e", "--secret", "hunter2"], token);

        Assert.Equal(2, bad.ExitCode);
        Assert.Equal(4, bad.Error.Split('\n').Length);
        Assert.True(good.ExitCode == 0, good.Error);
        Assert.DoesNotContain("hunter2", good.Out);
    }
}
