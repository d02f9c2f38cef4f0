using Xunit;

namespace RemoteIngress.Testing.Processes;

/// <summary>Programs of the system that tests use for real. A test whose program is missing is skipped and says which.</summary>
public static class Tool
{
    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin", "/usr/local/sbin"];

    /// <summary>The program's path; skips the running test when it is not installed.</summary>
    public static string Require(string name)
    {
        var path = Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not installed (tests/run.sh installs it when it runs as root)");
        return path!;
    }

    /// <summary>Runs a program to its end and returns its exit code and everything it printed.</summary>
    public static async Task<(int ExitCode, string Out, string Error)> RunAsync(string name, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        await using var process = new ExternalProcess(Require(name), arguments);
        var exitCode = await process.WaitForExitAsync(cancellation);
        return (exitCode, string.Join('\n', process.OutLines), string.Join('\n', process.ErrorLines));
    }
}
