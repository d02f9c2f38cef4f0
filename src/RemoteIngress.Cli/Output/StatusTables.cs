using System.Text.Json;

namespace RemoteIngress.Cli.Output;

/// <summary>The status of a hub and of its cluster as tables.</summary>
internal static class StatusTables
{
    public static void Write(CliContext context, JsonElement status)
    {
        var edges = JsonView.Items(status, "connectedEdges");
        context.Out.WriteLine(
            $"hub {JsonView.Cell(status, "hubId")}  running: {JsonView.Cell(status, "running")}  tunnel port: {JsonView.Cell(status, "tunnelPort")}"
            + $"  registry: {JsonView.Cell(status, "registry.mode")}, healthy: {JsonView.Cell(status, "registry.healthy")}"
            + $"  edges: {edges.Count}"
            + (JsonView.Find(status, "descriptors") is null ? "" : $"  descriptors: {JsonView.Cell(status, "descriptors.open")} of {JsonView.Cell(status, "descriptors.limit")}"));
        WriteCounts(context, status, "refusals", "tunnels refused");
        WriteCounts(context, status, "tunnelsEnded", "tunnels ended");
        WriteCounts(context, status, "streamsEnded", "connections ended");
        WriteCounts(context, status, "limits", "limits met");
        if (edges.Count > 0)
        {
            WriteEdges(context, edges);
        }

        if (JsonView.Find(status, "cluster") is { } cluster)
        {
            WriteCluster(context, cluster);
        }
    }

    private static void WriteCluster(CliContext context, JsonElement cluster)
    {
        var (hubs, edges) = (JsonView.Items(cluster, "hubs"), JsonView.Items(cluster, "edges"));
        context.Out.WriteLine();
        context.Out.WriteLine($"cluster  hubs: {hubs.Count}  edges: {edges.Count} connected of {JsonView.Cell(cluster, "registeredEdges")}");
        HubTables.List(context, hubs);
        if (JsonView.Items(cluster, "unansweredHubs") is { Count: > 0 } silent)
        {
            context.Out.WriteLine($"no answer, their edges are missing below: {string.Join(", ", silent.Select(static hub => ErrorPrinter.OneLine(hub.ToString())))}");
        }

        if (edges.Count > 0)
        {
            TableWriter.Write(
                context,
                ["EDGE", "GENERATION", "IN SYNC", "HELD BY (ACKNOWLEDGED)"],
                edges.Select(static edge => (IReadOnlyList<string>)
                [
                    JsonView.Cell(edge, "edgeId"), JsonView.Cell(edge, "generation"), JsonView.Cell(edge, "inSync"),
                    string.Join(", ", JsonView.Items(edge, "heldBy").Select(static held => $"{JsonView.Cell(held, "hubId")} ({JsonView.Cell(held, "acknowledgedGeneration")})")),
                ]));
        }
    }

    private static void WriteCounts(CliContext context, JsonElement status, string member, string title)
    {
        if (JsonView.Find(status, member) is not { ValueKind: JsonValueKind.Object } counts)
        {
            return;
        }

        var some = counts.EnumerateObject().Where(static count => count.Value.ValueKind == JsonValueKind.Number && count.Value.GetRawText() != "0").ToList();
        if (some.Count > 0)
        {
            context.Out.WriteLine($"{title}: {string.Join(", ", some.Select(static count => ErrorPrinter.OneLine($"{count.Name} {count.Value.GetRawText()}")))}");
        }
    }

    private static void WriteEdges(CliContext context, IReadOnlyList<JsonElement> edges) =>
        TableWriter.Write(
            context,
            ["EDGE", "INSTANCE", "FROM", "TRANSPORT", "SINCE", "STREAMS", "UDP", "RTT MS", "GENERATION", "ACKNOWLEDGED"],
            edges.Select(static edge => (IReadOnlyList<string>)
            [
                JsonView.Cell(edge, "edgeId"), JsonView.Cell(edge, "instanceId"), JsonView.Cell(edge, "publicIp", "remoteAddress"),
                JsonView.Cell(edge, "transport"), JsonView.Cell(edge, "connectedAt"), JsonView.Cell(edge, "activeStreams"),
                JsonView.Cell(edge, "activeUdpSessions"), JsonView.Cell(edge, "rttMs"), JsonView.Cell(edge, "generation"),
                JsonView.Cell(edge, "acknowledgedGeneration"),
            ]));
}
