using System.CommandLine;
using RemoteIngress.Cli.Commands;
using RemoteIngress.Cli.Options;
using RemoteIngress.Cli.Output;

namespace RemoteIngress.Cli;

/// <summary>Arguments in, exit code out. Every way to fail ends here as lines on the error stream.</summary>
internal static class CliApplication
{
    private const string ModeVariable = "REMOTEINGRESS_MODE";
    private const string DebugVariable = "REMOTEINGRESS_DEBUG";

    public static async Task<int> RunAsync(string[] args, CliContext context)
    {
        var root = RootCommandFactory.Create(context);
        if (!TryApplyMode(ref args, root, context, out var exitCode))
        {
            return exitCode;
        }

        // '@' starts a response file by default: a secret may start with it
        var result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (result.Errors.Count > 0 && result.Action is not System.CommandLine.Help.HelpAction)
        {
            PrintUsageErrors(result, context);
            return ExitCodes.Usage;
        }

        var invocation = new InvocationConfiguration
        {
            Output = context.Out,
            Error = context.Error,
            EnableDefaultExceptionHandler = false,
            // the commands that run long handle the signals themselves: a drain takes longer than the library waits
            ProcessTerminationTimeout = null,
        };
        return await InvokeAsync(result, invocation, context);
    }

    private static async Task<int> InvokeAsync(ParseResult result, InvocationConfiguration invocation, CliContext context)
    {
        try
        {
            return await result.InvokeAsync(invocation);
        }
        catch (CliException exception)
        {
            ErrorPrinter.Print(context.Error, exception.Lines);
            return exception.ExitCode;
        }
        catch (Exception exception)
        {
            ErrorPrinter.Print(context.Error, exception.Message);
            if (context.Variable(DebugVariable) == "1")
            {
                context.Error.WriteLine(exception);
            }

            return ExitCodes.Failed;
        }
    }

    /// <summary>A bare run, or one with options only, is a hub or an edge when the environment says so.</summary>
    private static bool TryApplyMode(ref string[] args, RootCommand root, CliContext context, out int exitCode)
    {
        exitCode = ExitCodes.Ok;
        var isBare = args.Length == 0;
        var hasOptionsOnly = !isBare && args[0].StartsWith("--", StringComparison.Ordinal) && args[0] is not ("--help" or "--version");
        if (!isBare && !hasOptionsOnly)
        {
            return true;
        }

        switch (context.Variable(ModeVariable)?.ToUpperInvariant())
        {
            case "HUB":
                args = ["hub", .. args];
                return true;
            case "EDGE":
                args = ["edge", .. args];
                return true;
            case null when !isBare:
                return true;
            case null:
                PrintShortHelp(context.Error);
                PrintMissingMode(root, context);
                exitCode = ExitCodes.Usage;
                return false;
            default:
                ErrorPrinter.Print(context.Error, $"{ModeVariable}: is neither hub nor edge; set it to one of them, or unset it and give a command");
                exitCode = ExitCodes.Usage;
                return false;
        }
    }

    private static void PrintShortHelp(TextWriter error)
    {
        error.WriteLine("usage: remoteingress hub|edge|token|edges|hubs|status|check|demo …");
        error.WriteLine();
        error.WriteLine("  remoteingress demo          a hub, an edge and a web target on this machine, with one request through them");
        error.WriteLine("  remoteingress hub --help    options of the private side");
        error.WriteLine("  remoteingress edge --help   options of the public side");
        error.WriteLine($"  {ModeVariable}=hub|edge makes a run without a command a hub or an edge");
    }

    /// <summary>Whoever configures by the environment alone, and forgot this one, reads the last line first.</summary>
    private static void PrintMissingMode(RootCommand root, CliContext context)
    {
        var variables = root.Subcommands.Where(static command => command.Name is "hub" or "edge")
            .SelectMany(static command => command.Options)
            .SelectMany(static option => new[] { OptionNames.Variable(option.Name), OptionNames.JsonVariable(option.Name) });
        if (variables.FirstOrDefault(variable => context.Variable(variable) is not null) is { } set)
        {
            context.Error.WriteLine();
            ErrorPrinter.Print(context.Error, $"{ModeVariable}: missing although {set} is set; set it to hub or edge, or give a command");
        }
    }

    private static void PrintUsageErrors(ParseResult result, CliContext context)
    {
        var path = CommandPath(result);
        foreach (var error in UsageErrors.Describe(result))
        {
            ErrorPrinter.Print(context.Error, $"{error}; see '{path} --help'");
        }
    }

    private static string CommandPath(ParseResult result)
    {
        var names = new List<string>();
        for (var current = result.CommandResult; current is not null; current = current.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Insert(0, current.Command is RootCommand ? "remoteingress" : current.Command.Name);
        }

        return string.Join(' ', names);
    }
}
