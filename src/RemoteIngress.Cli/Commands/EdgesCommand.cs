using System.CommandLine;
using RemoteIngress.Cli.Management;
using RemoteIngress.Cli.Output;

namespace RemoteIngress.Cli.Commands;

/// <summary><c>remoteingress edges …</c>: the registry of allowed edges through a hub's API.</summary>
internal static class EdgesCommand
{
    public static Command Create(CliContext context) => new("edges", "Manage the allowed edges of a hub's registry")
    {
        ManagementCommands.Create(context, "list", "Show every allowed edge: desired against observed", ListAsync),
        WithId(context, "get", "Show one edge", GetAsync),
        WithFile(context, "apply", "Create or update the edges of a file and leave the others alone", ApplyAsync),
        WithFile(context, "set", "Make the registry hold exactly the edges of a file: create, update and remove", SetAsync),
        WithId(context, "remove", "Remove one edge; its tunnels end at once", RemoveAsync),
        EdgeSecretCommands.CreateRotate(context),
        EdgeSecretCommands.CreateToken(context),
    };

    private static async Task ListAsync(ManagementCall call)
    {
        var json = await call.Api.GetAsync("edges", call.Cancellation);
        call.Print(json, edges => EdgeTables.List(call.Context, edges));
    }

    private static async Task GetAsync(ManagementCall call)
    {
        var json = await call.Api.GetAsync(EdgePath(call.Argument), call.Cancellation);
        call.Print(json, edge => EdgeTables.One(call.Context, edge));
    }

    private static async Task ApplyAsync(ManagementCall call)
    {
        var edges = EdgesFile.Split(await EdgesFile.ReadAsync(call.Argument, call.Context, call.Cancellation));
        for (var i = 0; i < edges.Count; i++)
        {
            var (id, json) = edges[i];
            try
            {
                var answer = await call.Api.PutAsync(EdgePath(id), json, call.Cancellation);
                call.Print(answer, _ => call.Context.Out.WriteLine($"applied {id}"));
            }
            catch (CliException exception) when (edges.Count > 1)
            {
                throw new CliException(exception.ExitCode, [.. exception.Lines.Select(error => $"edge {id}: {error}"), Progress(edges, i)]);
            }
        }
    }

    // Each edge is a request of its own: what came before the one that failed has been done.
    private static string Progress(IReadOnlyList<(string Id, string Json)> edges, int applied) => applied == 0
        ? "edges apply: nothing was applied; cure that and apply the file again"
        : $"edges apply: {applied} of {edges.Count} edges were applied, the last was {edges[applied - 1].Id}; cure that and apply the file again";

    private static async Task SetAsync(ManagementCall call)
    {
        var json = await EdgesFile.ReadAsync(call.Argument, call.Context, call.Cancellation);
        EdgesFile.CheckJson(json);
        var answer = await call.Api.PutAsync("edges", json, call.Cancellation);
        call.Print(answer, result => EdgeTables.Reconciled(call.Context, result));
    }

    private static async Task RemoveAsync(ManagementCall call)
    {
        var answer = await call.Api.DeleteAsync(EdgePath(call.Argument), call.Cancellation);
        call.Print(answer, _ => call.Context.Out.WriteLine($"removed {call.Argument}"));
    }

    /// <summary>The path of one edge. An empty id or one of dots would be another path of the API.</summary>
    public static string EdgePath(string id) => id.Trim('.').Length > 0 && !id.Contains('/')
        ? "edges/" + Uri.EscapeDataString(id)
        : throw CliException.Usage([$"ID: '{id}' is no edge's id; give one that 'edges list' shows"]);

    private static Command WithId(CliContext context, string name, string description, Func<ManagementCall, Task> body) =>
        ManagementCommands.Create(context, name, description, body, new Argument<string>("ID") { Description = "The edge's id" });

    private static Command WithFile(CliContext context, string name, string description, Func<ManagementCall, Task> body) =>
        ManagementCommands.Create(
            context, name, description, body, new Argument<string>("FILE") { Description = "JSON list of edges; - reads it from the input" });
}
