namespace RemoteIngress.Testing.Processes;

/// <summary>The built executable, as a user starts it.</summary>
/// <param name="arguments">The command line.</param>
/// <param name="environment">Variables beside those of this process.</param>
/// <param name="openFiles">Soft and hard limit of descriptors as prlimit(1) takes them, <c>soft:hard</c>; null leaves them as they are.</param>
public sealed class RemoteIngressProcess(
    IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? openFiles = null)
    : ExternalProcess(
        openFiles is null ? Repository.Executable : Tool.Require("prlimit"),
        openFiles is null ? arguments : [$"--nofile={openFiles}", Repository.Executable, .. arguments],
        environment)
{
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
