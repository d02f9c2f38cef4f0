using System.CommandLine;
using RemoteIngress.Cli.Management;
using RemoteIngress.Cli.Options;

namespace RemoteIngress.Cli.Commands;

/// <summary>How a command that talks to a hub's API is made.</summary>
internal static class ManagementCommands
{
    public static Command Create(
        CliContext context, string name, string description, Func<ManagementCall, Task> body, Argument<string>? argument = null)
    {
        var command = new Command(name, description);
        var admin = new AdminOptions();
        admin.AddTo(command);
        if (argument is not null)
        {
            command.Arguments.Add(argument);
        }

        command.SetBody(context, async (result, reader, cancellation) =>
        {
            var target = admin.Read(reader);
            reader.ThrowIfErrors();
            using var api = new AdminApiClient(target, context);
            await body(new ManagementCall(context, api, target.Json, argument is null ? "" : result.GetRequiredValue(argument), cancellation));
            return ExitCodes.Ok;
        });
        return command;
    }
}
