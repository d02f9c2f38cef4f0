using System.Collections.Frozen;
using System.Globalization;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>The TCP ports of one generation of an edge, ready to be looked up. Immutable.</summary>
internal sealed class ForwardingPlan
{
    private readonly FrozenDictionary<int, PortPlan> _ports;

    private ForwardingPlan(FrozenDictionary<int, PortPlan> ports) => _ports = ports;

    internal static ForwardingPlan Create(EdgeSettings settings, string targetHost, TargetResolver resolver)
    {
        var ports = new Dictionary<int, PortPlan>();
        foreach (var port in settings.ListenPorts.IsDefault ? [] : settings.ListenPorts)
        {
            ports[port] = Plan(port, OptionsOf(settings, port), targetHost, resolver);
        }

        return new ForwardingPlan(ports.ToFrozenDictionary());
    }

    /// <summary>The plan of a public port; <see langword="null"/> when the edge is not to listen on it.</summary>
    internal PortPlan? Find(int port) => _ports.GetValueOrDefault(port);

    private static PortPlan Plan(int port, PortOptions? options, string targetHost, TargetResolver resolver)
    {
        var header = options?.ProxyProtocol switch
        {
            "v2" => ProxyHeaderKind.V2,
            "none" => ProxyHeaderKind.None,
            _ => ProxyHeaderKind.V1,
        };
        if (options?.Target is not { } target)
        {
            return new PortPlan(resolver.Find(targetHost), port, header);
        }

        // A target that is no host:port cannot get past validation; if it did, it is a name that has no address.
        return HostPort.TryParse(target, out var host, out var targetPort)
            ? new PortPlan(resolver.Find(host), targetPort, header)
            : new PortPlan(resolver.Find(target), port, header);
    }

    private static PortOptions? OptionsOf(EdgeSettings settings, int port)
    {
        var key = port.ToString(CultureInfo.InvariantCulture);
        return settings.PortOptions?.GetValueOrDefault(key) ?? settings.PortOptions?.GetValueOrDefault($"{key}/tcp");
    }
}
