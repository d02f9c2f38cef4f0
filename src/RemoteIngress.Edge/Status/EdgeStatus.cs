using System.Collections.ObjectModel;

namespace RemoteIngress.Edge.Status;

/// <summary>What an edge says of itself at <c>GET /status</c>.</summary>
public sealed record EdgeStatus
{
    /// <summary>The status of an edge that does not run.</summary>
    internal static EdgeStatus Stopped { get; } = new()
    {
        Running = false,
        Connected = false,
        ActiveStreams = 0,
        ListenPorts = [],
        FailedPorts = [],
        Generation = 0,
        Tunnels = [],
        Connections = new EdgeConnectionCounts
        {
            Accepted = 0,
            Moved = 0,
            Refused = new Dictionary<string, long>(),
            Ended = new Dictionary<string, long>(),
        },
    };

    /// <summary>Started and not stopped.</summary>
    public required bool Running { get; init; }

    /// <summary>At least one tunnel carries new connections.</summary>
    public required bool Connected { get; init; }

    /// <summary>The address the internet sees: IPv4 when it is known, else IPv6; null while unknown.</summary>
    public string? PublicIp { get; init; }

    /// <summary>Client connections open now, over all ports.</summary>
    public required long ActiveStreams { get; init; }

    /// <summary>UDP sessions open now.</summary>
    public long ActiveUdpSessions { get; init; }

    /// <summary>TCP ports that listen.</summary>
    public required IReadOnlyList<int> ListenPorts { get; init; }

    /// <summary>UDP ports that listen.</summary>
    public IReadOnlyList<int> ListenPortsUdp { get; init; } = [];

    /// <summary>Ports of the configuration that could not be opened, with the reason.</summary>
    public required IReadOnlyList<FailedPort> FailedPorts { get; init; }

    /// <summary>Generation of the configuration in force; 0 before the first.</summary>
    public required long Generation { get; init; }

    /// <summary>One entry for each hub that this edge was given or that hubs name, the preferred ones first.</summary>
    public required IReadOnlyList<EdgeTunnelStatus> Tunnels { get; init; }

    /// <summary>The packet filter on this machine.</summary>
    public EdgeFirewallStatus Firewall { get; init; } = new();

    /// <summary>Where <see cref="PublicIp"/> comes from; null while the edge does not run.</summary>
    public EdgeStunStatus? Stun { get; init; }

    /// <summary>How often a limit was met since the start, by the name of the option that moves it (<c>descriptors</c>: <c>ulimit -n</c>).</summary>
    public IReadOnlyDictionary<string, long> Limits { get; init; } = ReadOnlyDictionary<string, long>.Empty;

    /// <summary>What happened to datagrams; null while the edge does not run.</summary>
    public EdgeUdpStatus? Udp { get; init; }

    /// <summary>The descriptors of the process; null while the edge does not run.</summary>
    public EdgeDescriptorStatus? Descriptors { get; init; }

    /// <summary>Connections by what happened to them, since the start.</summary>
    public required EdgeConnectionCounts Connections { get; init; }
}
