using System.Text.Json;

namespace RemoteIngress.Cli.Output;

/// <summary>Hubs of a cluster as a table.</summary>
internal static class HubTables
{
    public static void List(CliContext context, IReadOnlyList<JsonElement> hubs) => TableWriter.Write(
        context,
        ["HUB", "STATE", "ADVERTISE", "SILO", "EDGES", "TUNNELS", "STREAMS", "UDP", "SOFTWARE"],
        hubs.Select(static hub => (IReadOnlyList<string>)
        [
            JsonView.Cell(hub, "hubId"), JsonView.Cell(hub, "state"), JsonView.Cell(hub, "advertise"), JsonView.Cell(hub, "siloAddress"),
            JsonView.Cell(hub, "edges"), JsonView.Cell(hub, "tunnels"), JsonView.Cell(hub, "activeStreams"),
            JsonView.Cell(hub, "activeUdpSessions"), JsonView.Cell(hub, "software"),
        ]));
}
