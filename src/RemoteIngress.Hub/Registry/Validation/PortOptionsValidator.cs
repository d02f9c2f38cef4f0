using System.Collections.Immutable;
using System.Globalization;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Validation;

/// <summary>Checks the options of single ports, which must be ports of the same edge.</summary>
internal static class PortOptionsValidator
{
    private static readonly string[] TcpProxyProtocols = ["v1", "v2", "none"];
    private static readonly string[] UdpProxyProtocols = ["v2-header-only", "v2-first", "v2-every", "none"];
    private static readonly string[] OpenModes = ["eager", "confirmed"];

    public static void Validate(
        ImmutableDictionary<string, PortOptions> options, AllowedEdge edge, string edgePath, ValidationErrors errors)
    {
        foreach (var (key, value) in options.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var path = ValidationErrors.Field(edgePath, $"portOptions[{ValidationErrors.Quote(key)}]");
            if (!TryParseKey(key, out var port, out var udp))
            {
                errors.Add(path, "the key is not a port; give for example \"443\", or \"53/udp\"");
                continue;
            }

            var field = udp ? "listenPortsUdp" : "listenPorts";
            var ports = udp ? edge.ListenPortsUdp : edge.ListenPorts;

            // a list that could not be read says nothing about its ports
            if ((ports.IsDefault || !ports.Contains(port)) && !errors.IsBroken(ValidationErrors.Field(edgePath, field)))
            {
                errors.Add(path, $"the edge does not listen on it; add {port} to {field} or drop these options");
            }

            if (value is not null)
            {
                ValidateOptions(value, udp, path, errors);
            }
        }
    }

    private static void ValidateOptions(PortOptions options, bool udp, string path, ValidationErrors errors)
    {
        if (options.Target is { } target && !HostPort.TryParse(target, out _, out _))
        {
            errors.Add(
                ValidationErrors.Field(path, "target"),
                $"{ValidationErrors.Quote(target)} is not a target; give HOST:PORT, for example 10.0.0.5:8443 or [2001:db8::5]:8443");
        }

        FirewallValidator.CheckWord(
            options.ProxyProtocol, udp ? UdpProxyProtocols : TcpProxyProtocols, ValidationErrors.Field(path, "proxyProtocol"), errors);
        if (udp && options.Open is not null)
        {
            errors.Add(ValidationErrors.Field(path, "open"), "has a meaning for TCP ports only; leave it out");
        }
        else
        {
            FirewallValidator.CheckWord(options.Open, OpenModes, ValidationErrors.Field(path, "open"), errors);
        }
    }

    /// <summary>Reads <c>443</c> or <c>53/udp</c>; one spelling for each port, so that no two keys mean the same.</summary>
    internal static bool TryParseKey(string key, out int port, out bool udp)
    {
        udp = key.EndsWith("/udp", StringComparison.Ordinal);
        var number = udp ? key[..^4] : key;
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is >= 1 and <= 65535
            && number[0] != '0';
    }
}
