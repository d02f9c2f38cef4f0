using System.CommandLine;
using RemoteIngress.Cli.Options;
using RemoteIngress.Cli.Output;

namespace RemoteIngress.Cli.Commands;

/// <summary><c>remoteingress check hub|edge</c>: everything that a start would refuse, without starting anything.</summary>
internal static class CheckCommand
{
    public static Command Create(CliContext context) =>
        new("check", "Validate a configuration and print what it means; nothing is bound, dialled or written")
        {
            CreateHub(context),
            CreateEdge(context),
        };

    private static Command CreateHub(CliContext context)
    {
        var command = new Command("hub", "Check the options of a hub");
        var options = new HubCommandOptions();
        var log = new LogOptions();
        options.AddTo(command);
        log.AddTo(command);
        command.SetBody(context, (_, reader) =>
        {
            var hub = options.Read(reader);
            var level = log.Read(reader);
            reader.ThrowIfErrors();
            Print(context, [.. OptionTables.Hub(hub), ["log-level", LogOptions.Name(level)]]);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command CreateEdge(CliContext context)
    {
        var command = new Command("edge", "Check the options of an edge");
        var options = new EdgeCommandOptions();
        var log = new LogOptions();
        options.AddTo(command);
        log.AddTo(command);
        command.SetBody(context, (_, reader) =>
        {
            var edge = options.Read(reader);
            var level = log.Read(reader);
            reader.ThrowIfErrors();
            Print(context, [.. OptionTables.Edge(edge), ["log-level", LogOptions.Name(level)]]);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Print(CliContext context, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        TableWriter.Write(context, ["OPTION", "VALUE"], rows);
        context.Out.WriteLine("configuration ok");
    }
}
