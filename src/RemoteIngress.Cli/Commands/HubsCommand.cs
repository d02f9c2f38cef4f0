using System.CommandLine;
using RemoteIngress.Cli.Output;

namespace RemoteIngress.Cli.Commands;

/// <summary><c>remoteingress hubs …</c>: the hubs of a cluster through the API of any of them.</summary>
internal static class HubsCommand
{
    public static Command Create(CliContext context) => new("hubs", "Show the hubs of a cluster, and take one out of service")
    {
        ManagementCommands.Create(context, "list", "Show every live hub", ListAsync),
        ManagementCommands.Create(
            context,
            "drain",
            "Make a hub take nothing new; its process ends when its open connections have, or after its --drain-timeout",
            DrainAsync,
            new Argument<string>("ID") { Description = "The hub's id" }),
    };

    private static async Task ListAsync(ManagementCall call)
    {
        var json = await call.Api.GetAsync("hubs", call.Cancellation);
        call.Print(json, hubs => HubTables.List(call.Context, JsonView.Items(hubs)));
    }

    private static async Task DrainAsync(ManagementCall call)
    {
        var answer = await call.Api.PostAsync(DrainPath(call.Argument), null, call.Cancellation);
        call.Print(answer, _ => call.Context.Out.WriteLine($"draining {call.Argument}"));
    }

    private static string DrainPath(string id) => id.Trim('.').Length > 0 && !id.Contains('/')
        ? $"hubs/{Uri.EscapeDataString(id)}/drain"
        : throw CliException.Usage([$"ID: '{id}' is no hub's id; give one that 'hubs list' shows"]);
}
