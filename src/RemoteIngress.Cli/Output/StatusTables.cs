using System.Text.Json;

namespace RemoteIngress.Cli.Output;

/// <summary>A hub's status as tables.</summary>
internal static class StatusTables
{
    public static void Write(CliContext context, JsonElement status)
    {
        var edges = JsonView.Items(status, "connectedEdges");
        context.Out.WriteLine(
            $"hub {JsonView.Cell(status, "hubId")}  running: {JsonView.Cell(status, "running")}  tunnel port: {JsonView.Cell(status, "tunnelPort")}"
            + $"  registry: {JsonView.Cell(status, "registry.mode")}, healthy: {JsonView.Cell(status, "registry.healthy")}"
            + $"  edges: {edges.Count}");
        if (edges.Count == 0)
        {
            return;
        }

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
}
