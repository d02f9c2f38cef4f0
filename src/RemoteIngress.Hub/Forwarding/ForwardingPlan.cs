using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>The ports of one generation of an edge, ready to be looked up. Immutable.</summary>
internal sealed class ForwardingPlan
{
    private readonly FrozenDictionary<int, PortPlan> _tcp;
    private readonly FrozenDictionary<int, PortPlan> _udp;

    private ForwardingPlan(FrozenDictionary<int, PortPlan> tcp, FrozenDictionary<int, PortPlan> udp)
    {
        _tcp = tcp;
        _udp = udp;
    }

    internal static ForwardingPlan Create(EdgeSettings settings, string targetHost, TargetResolver resolver)
    {
        return new ForwardingPlan(Plans(settings.ListenPorts, isUdp: false), Plans(settings.ListenPortsUdp, isUdp: true));

        FrozenDictionary<int, PortPlan> Plans(ImmutableArray<int> ports, bool isUdp) =>
            (ports.IsDefault ? [] : ports).Distinct().ToFrozenDictionary(
                port => port, port => Plan(port, OptionsOf(settings, port, isUdp), isUdp, targetHost, resolver));
    }

    /// <summary>The plan of a public TCP port; <see langword="null"/> when the edge is not to listen on it.</summary>
    internal PortPlan? Find(int port) => _tcp.GetValueOrDefault(port);

    /// <summary>The same of a UDP port.</summary>
    internal PortPlan? FindUdp(int port) => _udp.GetValueOrDefault(port);

    private static ProxyHeaderKind TcpHeader(string? option) => option switch
    {
        "v2" => ProxyHeaderKind.V2,
        "none" => ProxyHeaderKind.None,
        _ => ProxyHeaderKind.V1,
    };

    private static ProxyHeaderKind UdpHeader(string? option) => option switch
    {
        "v2-first" => ProxyHeaderKind.V2First,
        "v2-every" => ProxyHeaderKind.V2Every,
        "none" => ProxyHeaderKind.None,
        _ => ProxyHeaderKind.V2HeaderOnly,
    };

    private static PortPlan Plan(int port, PortOptions? options, bool isUdp, string targetHost, TargetResolver resolver)
    {
        var header = isUdp ? UdpHeader(options?.ProxyProtocol) : TcpHeader(options?.ProxyProtocol);
        if (options?.Target is not { } target)
        {
            return new PortPlan(resolver.Find(targetHost), port, header);
        }

        // A target that is no host:port cannot get past validation; if it did, it is a name that has no address.
        return HostPort.TryParse(target, out var host, out var targetPort)
            ? new PortPlan(resolver.Find(host), targetPort, header)
            : new PortPlan(resolver.Find(target), port, header);
    }

    private static PortOptions? OptionsOf(EdgeSettings settings, int port, bool isUdp)
    {
        var key = port.ToString(CultureInfo.InvariantCulture);
        if (isUdp)
        {
            return settings.PortOptions?.GetValueOrDefault($"{key}/udp");
        }

        return settings.PortOptions?.GetValueOrDefault(key) ?? settings.PortOptions?.GetValueOrDefault($"{key}/tcp");
    }
}
