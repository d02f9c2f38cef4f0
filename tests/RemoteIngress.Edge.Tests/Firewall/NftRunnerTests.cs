using Microsoft.Extensions.Time.Testing;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Testing;

namespace RemoteIngress.Edge.Tests.Firewall;

/// <summary>Other programs in nft's place.</summary>
public sealed class NftRunnerTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Input_ArrivesWhole_AndOutputComesBack()
    {
        var input = string.Concat(Enumerable.Repeat("0123456789\n", 100_000));

        var result = await RunAsync("wc -c; echo \"$1\"", input);

        Assert.Equal(new NftResult("1100000\n-x\n", null), result);
    }

    [Fact]
    public async Task Refusal_IsOneLineInItsWords()
    {
        var result = await RunAsync("""
            cat >/dev/null
            printf '/dev/stdin:3:1-4: Error: Could not process rule: No such thing\n%s\n^^^^\n/dev/stdin:4:1-4: Error: another\n' 'a	line' >&2
            exit 1
            """);

        Assert.Equal("Could not process rule: No such thing (a line)", result.Error);
    }

    [Fact]
    public async Task Refusal_WithoutInterestInTheInput_IsReported() =>
        Assert.Equal("no", (await RunAsync("exec <&-; echo no >&2; exit 3", new string('x', 1_000_000))).Error);

    [Fact]
    public async Task Refusal_WithoutAWord_HasItsExitCode() => Assert.Equal("nft ended with exit code 7", (await RunAsync("exit 7")).Error);

    [Fact]
    public async Task Flood_IsReadToItsEndAndKeptInPart()
    {
        var result = await RunAsync("cat >/dev/null; head -c 10000000 /dev/zero | tr '\\0' x | tee /dev/stderr; exit 1");

        Assert.InRange(result.Error!.Length, 100, 1000);
    }

    [Fact]
    public async Task Environment_IsNotPassedOn() =>
        Assert.DoesNotContain("HOME", (await RunAsync("env")).Output);

    [Fact]
    public async Task Hanging_IsKilledAndReported()
    {
        var running = RunAsync("echo $$ >\"$0.pid\"; while :; do sleep 1000; done", new string('x', 1_000_000));
        await Poll.UntilAsync("it runs", () => File.Exists(Pid) && File.ReadAllText(Pid).EndsWith('\n'), Timeouts.Token());
        var process = File.ReadAllText(Pid).Trim();

        _time.Advance(NftRunner.Limit);
        var result = await running;

        Assert.EndsWith("did not end within 10 s and was killed", result.Error);
        Assert.True(result.IsUnknown);
        await Poll.UntilAsync("it is gone", () => !Directory.Exists("/proc/" + process), Timeouts.Token());
    }

    [Fact]
    public async Task Stop_KillsIt()
    {
        using var stop = new CancellationTokenSource();
        var running = RunAsync("echo $$ >\"$0.pid\"; exec sleep 1000", "", stop.Token);
        await Poll.UntilAsync("it runs", () => File.Exists(Pid), Timeouts.Token());

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task NoProgram_IsReported()
    {
        var result = await new NftRunner(_time, "/nonexistent/nft").RunAsync(["-f", "-"], "", Timeouts.Token());

        Assert.StartsWith("/nonexistent/nft cannot be run: ", result.Error);
    }

    private string Program => Path.Combine(_folder.Path, "nft");

    private string Pid => Program + ".pid";

    private Task<NftResult> RunAsync(string script, string input = "", CancellationToken? cancellation = null)
    {
        _folder.Write("nft", "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new NftRunner(_time, Program).RunAsync(["-x"], input, cancellation ?? Timeouts.Token());
    }
}
