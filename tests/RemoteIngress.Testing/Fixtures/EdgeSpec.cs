using System.Text.Json.Nodes;

namespace RemoteIngress.Testing.Fixtures;

/// <summary>One allowed edge as an operator writes it.</summary>
public sealed record EdgeSpec(string Id, string? Secret)
{
    public IReadOnlyList<PortSpec> Ports { get; init; } = [];

    /// <summary>Its <c>firewallConfig</c> as JSON.</summary>
    public string? Firewall { get; init; }

    public static string ToJson(params IEnumerable<EdgeSpec> edges) =>
        new JsonArray([.. edges.Select(static edge => edge.ToNode())]).ToJsonString();

    public JsonNode ToNode()
    {
        var node = new JsonObject { ["id"] = Id, ["listenPorts"] = Numbers(isUdp: false), ["listenPortsUdp"] = Numbers(isUdp: true) };
        if (Secret is not null)
        {
            node["secret"] = Secret;
        }

        if (Firewall is not null)
        {
            node["firewallConfig"] = JsonNode.Parse(Firewall);
        }

        var options = new JsonObject();
        foreach (var port in Ports.Where(static port => port.HasOptions))
        {
            options[port.Key] = port.ToNode();
        }

        if (options.Count > 0)
        {
            node["portOptions"] = options;
        }

        return node;
    }

    private JsonArray Numbers(bool isUdp) => [.. Ports.Where(port => port.IsUdp == isUdp).Select(static port => (JsonNode)port.Port)];
}
