namespace RemoteIngress.Testing.Processes;

/// <summary>The built executable, as a user starts it.</summary>
/// <param name="arguments">The command line.</param>
/// <param name="environment">Variables beside those of this process.</param>
/// <param name="launcher">A program and its options that becomes it, after it changed something; none when empty.</param>
public sealed class RemoteIngressProcess(
    IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, params IReadOnlyList<string> launcher)
    : ExternalProcess(
        launcher.Count == 0 ? Repository.Executable : Tool.Require(launcher[0]),
        launcher.Count == 0 ? arguments : [.. launcher.Skip(1), Repository.Executable, .. arguments],
        environment)
{
    /// <summary>A launcher that limits descriptors as prlimit(1) takes them, <c>soft:hard</c>; null leaves them as they are.</summary>
    public static IReadOnlyList<string> LimitFiles(string? openFiles) => openFiles is null ? [] : ["prlimit", $"--nofile={openFiles}"];

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Out, string Error)> RunAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellation)
    {
        await using var process = new RemoteIngressProcess(arguments, environment);
        var exitCode = await process.WaitForExitAsync(cancellation);
        return (exitCode, string.Join('\n', process.OutLines), string.Join('\n', process.ErrorLines));
    }

    public static Task<(int ExitCode, string Out, string Error)> RunAsync(IEnumerable<string> arguments, CancellationToken cancellation) =>
        RunAsync(arguments, null, cancellation);
}
