using System.Collections.Immutable;

namespace RemoteIngress.Contracts;

/// <summary>What an edge would do with an entry of the list: asked before anything is changed.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgePlan")]
public sealed record EdgePlan
{
    /// <summary>Created, updated, unchanged or invalid.</summary>
    [Id(0)]
    public required EdgeChangeOutcome Outcome { get; init; }

    /// <summary>What to commit; <see langword="null"/> when unchanged or invalid.</summary>
    [Id(1)]
    public EdgeIntent? Intent { get; init; }

    /// <summary>What is wrong, with paths inside the entry.</summary>
    [Id(2)]
    public ImmutableArray<ValidationError> Errors { get; init; } = [];

    /// <summary>The generation that the edge has now; 0 when it is not registered.</summary>
    [Id(3)]
    public long Generation { get; init; }
}
