using System.Collections.Immutable;
using System.Text.Json;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Validation;

/// <summary>
/// Turns JSON into an <see cref="AllowedEdge"/>. A field of the wrong type is noted and left at its default, so that the checks
/// that follow can go on with the rest.
/// </summary>
internal static class AllowedEdgeReader
{
    public static AllowedEdge Read(JsonElement element, string path, string? idFromPath, ValidationErrors errors)
    {
        var json = new JsonObjectReader(element, path, errors);
        if (!json.IsObject)
        {
            return new AllowedEdge { Id = idFromPath ?? string.Empty };
        }

        var id = json.String("id");
        if (id is not null && idFromPath is not null && id != idFromPath)
        {
            errors.Add(json.Field("id"), $"{ValidationErrors.Quote(id)} is not the edge of the address, {ValidationErrors.Quote(idFromPath)}; leave it out");
        }

        var edge = new AllowedEdge
        {
            Id = idFromPath ?? id ?? string.Empty,
            Secret = json.String("secret"),
            ListenPorts = json.List("listenPorts", ReadPort),
            ListenPortsUdp = json.List("listenPortsUdp", ReadPort),
            StunIntervalSecs = json.Integer("stunIntervalSecs"),
            FirewallConfig = json.TryGet("firewallConfig", out var firewall)
                ? ReadFirewall(firewall, json.Field("firewallConfig"), errors)
                : null,
            PortOptions = json.TryGet("portOptions", out var options)
                ? ReadPortOptions(options, json.Field("portOptions"), errors)
                : null,
        };
        json.RejectUnknown();
        return edge;
    }

    // 0 is no port, but its place has an error already and will not get a second
    private static int ReadPort(JsonElement value, string path, ValidationErrors errors) =>
        JsonObjectReader.ReadInteger(value, path, errors) ?? 0;

    private static FirewallConfig ReadFirewall(JsonElement element, string path, ValidationErrors errors)
    {
        var json = new JsonObjectReader(element, path, errors);
        var firewall = new FirewallConfig
        {
            BlockedIps = json.List("blockedIps", (value, at, sink) => JsonObjectReader.ReadString(value, at, sink) ?? string.Empty),
            RateLimits = json.List("rateLimits", ReadRateLimit),
            Rules = json.List("rules", ReadRule),
        };
        json.RejectUnknown();
        return firewall;
    }

    private static RateLimit ReadRateLimit(JsonElement element, string path, ValidationErrors errors)
    {
        var json = new JsonObjectReader(element, path, errors);
        var limit = new RateLimit
        {
            Id = json.String("id") ?? string.Empty,
            Port = Required(json, "port"),
            Protocol = json.String("protocol"),
            Rate = json.String("rate") ?? string.Empty,
            Burst = json.Integer("burst"),
            PerSourceIP = json.Boolean("perSourceIP") ?? false,
        };
        json.RejectUnknown();
        return limit;

        int Required(JsonObjectReader reader, string name)
        {
            if (!reader.TryGet(name, out var value))
            {
                errors.Add(reader.Field(name), "required: give 1 to 65535");
                return 0;
            }

            return ReadPort(value, reader.Field(name), errors);
        }
    }

    private static FirewallRule ReadRule(JsonElement element, string path, ValidationErrors errors)
    {
        var json = new JsonObjectReader(element, path, errors);
        var rule = new FirewallRule
        {
            Id = json.String("id") ?? string.Empty,
            Direction = json.String("direction") ?? string.Empty,
            Action = json.String("action") ?? string.Empty,
            SourceIP = json.String("sourceIP"),
            DestPort = json.Integer("destPort"),
            Protocol = json.String("protocol"),
            Comment = json.String("comment"),
        };
        json.RejectUnknown();
        return rule;
    }

    private static ImmutableDictionary<string, PortOptions> ReadPortOptions(JsonElement element, string path, ValidationErrors errors)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.AddBroken(path, "must be an object with a port as key: { \"443\": { \"proxyProtocol\": \"v2\" } }");
            return ImmutableDictionary<string, PortOptions>.Empty;
        }

        var options = ImmutableDictionary.CreateBuilder<string, PortOptions>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (JsonObjectReader.ReadName(property, path, errors) is not { } name)
            {
                continue;
            }

            var at = $"{path}[{ValidationErrors.Quote(name)}]";
            if (!options.TryAdd(name, ReadOptions(property.Value, at, errors)))
            {
                errors.Add(at, "appears twice; name every port once");
            }
        }

        return options.ToImmutable();
    }

    private static PortOptions ReadOptions(JsonElement element, string path, ValidationErrors errors)
    {
        var json = new JsonObjectReader(element, path, errors);
        var options = new PortOptions
        {
            Target = json.String("target"),
            ProxyProtocol = json.String("proxyProtocol"),
            Open = json.String("open"),
        };
        json.RejectUnknown();
        return options;
    }
}
