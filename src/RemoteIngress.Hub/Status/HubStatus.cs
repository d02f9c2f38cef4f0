using System.Collections.ObjectModel;

namespace RemoteIngress.Hub;

/// <summary>The state of one hub: the body of <c>GET /api/v1/status</c>.</summary>
public sealed record HubStatus
{
    /// <summary>Whether the hub takes tunnels.</summary>
    public required bool Running { get; init; }

    /// <summary>Name of the hub.</summary>
    public required string HubId { get; init; }

    /// <summary>The port on which edges connect.</summary>
    public required int TunnelPort { get; init; }

    /// <summary>Every connected instance of every edge; all tunnels of an instance count as one.</summary>
    public IReadOnlyList<ConnectedEdge> ConnectedEdges { get; init; } = [];

    /// <summary>The registry as this hub sees it.</summary>
    public required RegistryStatus Registry { get; init; }

    /// <summary>Connections to the tunnel port that did not become tunnels since the start, by reason; reasons without any are left out.</summary>
    public IReadOnlyDictionary<string, long> Refusals { get; init; } = ReadOnlyDictionary<string, long>.Empty;

    /// <summary>Authenticated tunnels that ended since the start, by reason.</summary>
    public IReadOnlyDictionary<string, long> TunnelsEnded { get; init; } = ReadOnlyDictionary<string, long>.Empty;

    /// <summary>Connections of clients that ended since the start, refused ones included, by reason.</summary>
    public IReadOnlyDictionary<string, long> StreamsEnded { get; init; } = ReadOnlyDictionary<string, long>.Empty;

    /// <summary>How often a limit was met since the start, by the name of the option that moves it (<c>descriptors</c>: <c>ulimit -n</c>).</summary>
    public IReadOnlyDictionary<string, long> Limits { get; init; } = ReadOnlyDictionary<string, long>.Empty;

    /// <summary>What happened to datagrams; <see langword="null"/> while the hub does not run.</summary>
    public HubUdpStatus? Udp { get; init; }

    /// <summary>The descriptors of the process; <see langword="null"/> while the hub does not run.</summary>
    public DescriptorStatus? Descriptors { get; init; }

    /// <summary>The whole cluster, in the HTTP API; <see langword="null"/> where only this hub was asked.</summary>
    public ClusterStatus? Cluster { get; init; }
}
