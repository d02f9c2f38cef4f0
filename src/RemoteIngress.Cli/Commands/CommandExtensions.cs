using System.CommandLine;
using RemoteIngress.Cli.Options;

namespace RemoteIngress.Cli.Commands;

/// <summary>How a command gets its body: with the reader that collects every error of its options.</summary>
internal static class CommandExtensions
{
    public static void SetBody(this Command command, CliContext context, Func<ParseResult, OptionReader, CancellationToken, Task<int>> body) =>
        command.SetAction((result, cancellation) => body(result, new OptionReader(result, context), cancellation));

    public static void SetBody(this Command command, CliContext context, Func<ParseResult, OptionReader, int> body) =>
        command.SetAction(result => body(result, new OptionReader(result, context)));
}
