namespace RemoteIngress.Contracts;

/// <summary>One live hub of a cluster, in its own words. Soft state: asked for again and again, stored nowhere.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.HubView")]
public sealed record HubView
{
    /// <summary><see cref="State"/> of a hub that does not take tunnels yet.</summary>
    public const string Starting = "starting";

    /// <summary><see cref="State"/> of a hub that takes tunnels.</summary>
    public const string Ready = "ready";

    /// <summary><see cref="State"/> of a hub that takes nothing new and ends when its connections have.</summary>
    public const string Draining = "draining";

    /// <summary>Its name, unique in the cluster.</summary>
    [Id(0)]
    public required string HubId { get; init; }

    /// <summary>Another one for every start of its process.</summary>
    [Id(1)]
    public required string InstanceId { get; init; }

    /// <summary><see cref="Starting"/>, <see cref="Ready"/> or <see cref="Draining"/>.</summary>
    [Id(2)]
    public required string State { get; init; }

    /// <summary>Where edges reach it, <c>host:port</c>; <see langword="null"/>: edges are not told of it.</summary>
    [Id(3)]
    public string? Advertise { get; init; }

    /// <summary>Address and port of its silo; <see langword="null"/> while it has none.</summary>
    [Id(4)]
    public string? SiloAddress { get; init; }

    /// <summary>Product and version, for people.</summary>
    [Id(5)]
    public string Software { get; init; } = "";

    /// <summary>Connected edges.</summary>
    [Id(6)]
    public int Edges { get; init; }

    /// <summary>Tunnels of these that are up.</summary>
    [Id(7)]
    public int Tunnels { get; init; }

    /// <summary>Open TCP connections.</summary>
    [Id(8)]
    public long ActiveStreams { get; init; }

    /// <summary>Open UDP sessions.</summary>
    [Id(9)]
    public long ActiveUdpSessions { get; init; }
}
