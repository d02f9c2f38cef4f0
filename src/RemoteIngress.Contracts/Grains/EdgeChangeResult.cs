using System.Collections.Immutable;

namespace RemoteIngress.Contracts;

/// <summary>What became of a change to one edge.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgeChangeResult")]
public sealed record EdgeChangeResult
{
    /// <summary>The outcome.</summary>
    [Id(0)]
    public required EdgeChangeOutcome Outcome { get; init; }

    /// <summary>The generation after the change (of the removal, when it was removed); 0 when there is none.</summary>
    [Id(1)]
    public long Generation { get; init; }

    /// <summary>Everything that is wrong, when <see cref="Outcome"/> is <see cref="EdgeChangeOutcome.Invalid"/>.</summary>
    [Id(2)]
    public ImmutableArray<ValidationError> Errors { get; init; } = [];
}
