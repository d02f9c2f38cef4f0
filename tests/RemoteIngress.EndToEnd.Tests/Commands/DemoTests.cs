using RemoteIngress.Testing;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.EndToEnd.Tests.Commands;

public sealed class DemoTests
{
    [Fact]
    public async Task Demo_Once_ShowsEachStepAndLeavesNothingBehind()
    {
        using var home = new TempDirectory();
        var (exitCode, output, error) = await RemoteIngressProcess.RunAsync(["demo", "--once"], Environment(home), Timeouts.Token());

        Assert.True(exitCode == 0, error);
        Assert.Equal(["target", "hub", "edge", "tunnel", "request", "done"], output.Split('\n').Select(line => line.Split(' ')[0]));
        Assert.Contains("You are 127.0.0.2:", output);
        Assert.Empty(Directory.GetFileSystemEntries(home.Path));
    }

    [Fact]
    public async Task Demo_StaysUp_AnswersCurlAndEndsWithCtrlC()
    {
        var token = Timeouts.Token();
        using var home = new TempDirectory();
        await using var demo = new RemoteIngressProcess(["demo"], Environment(home));
        var line = await demo.WaitForLineAsync("the URL to try", text => text.StartsWith("Try it: curl ", StringComparison.Ordinal), token);

        var (exitCode, answer, error) = await Tool.RunAsync("curl", ["-sS", "--noproxy", "*", line.Split(' ')[3]], token);
        demo.Send(Signal.Interrupt);

        Assert.True(exitCode == 0, error);
        Assert.Contains("You are 127.0.0.1:", answer);
        Assert.Equal(0, await demo.WaitForExitAsync(token));
        Assert.Empty(Directory.GetFileSystemEntries(home.Path));
    }

    private static Dictionary<string, string> Environment(TempDirectory home) => new() { ["HOME"] = home.Path, ["TMPDIR"] = home.Path };
}
