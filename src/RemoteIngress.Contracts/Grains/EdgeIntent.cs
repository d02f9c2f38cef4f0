using System.Collections.Immutable;

namespace RemoteIngress.Contracts;

/// <summary>
/// What shall become of one edge: computed before the fleet's set is written, kept with it until the edge has it, and free of
/// secrets, so that a crash in between can be finished by whoever comes next.
/// </summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgeIntent")]
public sealed record EdgeIntent
{
    /// <summary>The edge.</summary>
    [Id(0)]
    public required string EdgeId { get; init; }

    /// <summary>Generation of the intended state; an edge that has this or a later one ignores the intent.</summary>
    [Id(1)]
    public required long Generation { get; init; }

    /// <summary>The verifiers to store.</summary>
    [Id(2)]
    public required ImmutableArray<EdgeVerifier> Verifiers { get; init; }

    /// <summary>The settings to store.</summary>
    [Id(3)]
    public required EdgeSettings Settings { get; init; }
}
