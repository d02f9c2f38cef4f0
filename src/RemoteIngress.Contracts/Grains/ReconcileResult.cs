using System.Collections.Immutable;

namespace RemoteIngress.Contracts;

/// <summary>What a full reconcile did, as lists of edge ids; or why it did nothing.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.ReconcileResult")]
public sealed record ReconcileResult
{
    /// <summary>Edges that were not there before.</summary>
    [Id(0)]
    public ImmutableArray<string> Created { get; init; } = [];

    /// <summary>Edges whose settings or secret changed.</summary>
    [Id(1)]
    public ImmutableArray<string> Updated { get; init; } = [];

    /// <summary>Edges that were not in the list and are gone.</summary>
    [Id(2)]
    public ImmutableArray<string> Removed { get; init; } = [];

    /// <summary>Edges for which nothing was written and nothing pushed.</summary>
    [Id(3)]
    public ImmutableArray<string> Unchanged { get; init; } = [];

    /// <summary>Everything that is wrong with the list. When this is not empty, nothing was changed.</summary>
    [Id(4)]
    public ImmutableArray<ValidationError> Errors { get; init; } = [];

    /// <summary>Whether the list was accepted.</summary>
    public bool Succeeded => Errors.IsDefaultOrEmpty;
}
