using System.Text.Json.Nodes;

namespace RemoteIngress.Testing.Fixtures;

/// <summary>One public port of an edge.</summary>
public sealed record PortSpec(int Port, string? Target = null, string? ProxyProtocol = null, string? Open = null, bool IsUdp = false)
{
    /// <summary>As <c>portOptions</c> names it.</summary>
    public string Key => IsUdp ? $"{Port}/udp" : $"{Port}";

    public bool HasOptions => Target is not null || ProxyProtocol is not null || Open is not null;

    public JsonObject ToNode()
    {
        var node = new JsonObject();
        foreach (var (name, value) in new[] { ("target", Target), ("proxyProtocol", ProxyProtocol), ("open", Open) })
        {
            if (value is not null)
            {
                node[name] = value;
            }
        }

        return node;
    }
}
