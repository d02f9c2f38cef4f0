using System.Text.Json;

namespace RemoteIngress.Cli.Output;

/// <summary>Edges of the registry as tables: what is desired beside what the edges acknowledged.</summary>
internal static class EdgeTables
{
    private static readonly string[] ListHeaders = ["ID", "TCP", "UDP", "GENERATION", "ACKNOWLEDGED", "HUBS", "PROBLEMS"];

    public static void List(CliContext context, JsonElement edges)
    {
        var items = JsonView.Items(edges);
        if (items.Count == 0)
        {
            items = JsonView.Items(edges, "edges");
        }

        TableWriter.Write(context, ListHeaders, items.Select(Row));
    }

    public static void One(CliContext context, JsonElement edge)
    {
        TableWriter.Write(context, ListHeaders, [Row(edge)]);
        var observed = JsonView.Items(edge, "observed");
        if (observed.Count > 0)
        {
            context.Out.WriteLine();
            TableWriter.Write(
                context,
                ["HUB", "INSTANCE", "FROM", "TRANSPORT", "SINCE", "ACKNOWLEDGED"],
                observed.Select(static item => (IReadOnlyList<string>)
                [
                    JsonView.Cell(item, "hubId"), JsonView.Cell(item, "instanceId"), JsonView.Cell(item, "remoteAddress"),
                    JsonView.Cell(item, "transport"), JsonView.Cell(item, "connectedAt"),
                    JsonView.Cell(item, "acknowledgement.generation", "acknowledgedGeneration"),
                ]));
        }
    }

    public static void Reconciled(CliContext context, JsonElement result)
    {
        foreach (var what in new[] { "created", "updated", "removed", "unchanged" })
        {
            var ids = JsonView.Items(result, what).Select(static id => id.ToString()).ToList();
            context.Out.WriteLine($"{what,-9}  {ids.Count}{(ids.Count == 0 ? "" : "  " + string.Join(", ", ids))}");
        }
    }

    private static IReadOnlyList<string> Row(JsonElement edge)
    {
        var observed = JsonView.Items(edge, "observed");
        return
        [
            JsonView.Cell(edge, "id"),
            JsonView.Cell(edge, "listenPorts", "settings.listenPorts"),
            JsonView.Cell(edge, "listenPortsUdp", "settings.listenPortsUdp"),
            JsonView.Cell(edge, "generation"),
            Join(observed.Select(static item => JsonView.Cell(item, "acknowledgement.generation", "acknowledgedGeneration"))),
            Join(observed.Select(static item => JsonView.Cell(item, "hubId"))),
            Join(observed.SelectMany(Problems)),
        ];
    }

    private static IEnumerable<string> Problems(JsonElement observed)
    {
        var ports = JsonView.Items(observed, "acknowledgement.ports").Where(IsNotBound).Select(Problem);
        const string firewall = "acknowledgement.firewall.error";
        return JsonView.Find(observed, firewall) is null ? ports : ports.Append($"firewall: {JsonView.Cell(observed, firewall)}");
    }

    private static bool IsNotBound(JsonElement port) => JsonView.Find(port, "bound") is { ValueKind: JsonValueKind.False };

    private static string Problem(JsonElement port) =>
        $"{JsonView.Cell(port, "port")}/{JsonView.Cell(port, "protocol")}: {JsonView.Cell(port, "error")}";

    private static string Join(IEnumerable<string> cells)
    {
        var text = string.Join(", ", cells.Distinct());
        return text.Length == 0 ? "-" : text;
    }
}
