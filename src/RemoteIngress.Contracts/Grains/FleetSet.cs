using System.Collections.Immutable;

namespace RemoteIngress.Contracts;

/// <summary>Which edges there are, as a hub remembers it in case that the registry loses it.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.FleetSet")]
public sealed record FleetSet
{
    /// <summary>Rises with every change; 0 for a fleet that never had one.</summary>
    [Id(0)]
    public required long Revision { get; init; }

    /// <summary>The edges' ids.</summary>
    [Id(1)]
    public required ImmutableArray<string> Edges { get; init; }
}
