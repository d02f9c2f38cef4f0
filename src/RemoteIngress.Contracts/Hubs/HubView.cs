namespace RemoteIngress.Contracts;

/// <summary>A hub that is part of the cluster right now. What the hub that was asked does not know is <see langword="null"/>.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.HubView")]
public sealed record HubView
{
    /// <summary>The hub's name, unique in its cluster.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary><c>host:port</c> under which edges reach it.</summary>
    [Id(1)]
    public string? Advertise { get; init; }

    /// <summary>Name and version of its program.</summary>
    [Id(2)]
    public string? Software { get; init; }

    /// <summary>Address and port on which the other hubs reach it, <c>host:port</c>.</summary>
    [Id(3)]
    public required string SiloAddress { get; init; }

    /// <summary>Whether it takes nothing new and waits for what it has to end.</summary>
    [Id(4)]
    public bool? Draining { get; init; }

    /// <summary>Authenticated tunnels that it holds.</summary>
    [Id(5)]
    public int? Tunnels { get; init; }

    /// <summary>Connections open through it.</summary>
    [Id(6)]
    public int? Streams { get; init; }
}
