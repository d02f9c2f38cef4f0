namespace RemoteIngress.Cli;

/// <summary>Ends a command with lines for the user and an exit code; caught in one place.</summary>
internal sealed class CliException : Exception
{
    public CliException(int exitCode, params IReadOnlyList<string> lines)
        : base(string.Join(Environment.NewLine, lines))
    {
        ExitCode = exitCode;
        Lines = lines;
    }

    public int ExitCode { get; }

    public IReadOnlyList<string> Lines { get; }

    public static CliException Usage(IReadOnlyList<string> lines) => new(ExitCodes.Usage, lines);

    public static CliException Failed(string line) => new(ExitCodes.Failed, line);
}
