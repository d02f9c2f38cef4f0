using System.Collections.Immutable;

namespace RemoteIngress.Contracts;

/// <summary>An edge as a manager sees it: what is desired beside what is observed. Neither secret nor verifiers.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgeView")]
public sealed record EdgeView
{
    /// <summary>The edge's name.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>Generation of the desired state.</summary>
    [Id(1)]
    public required long Generation { get; init; }

    /// <summary>Whether a verifier is stored, so that an update may leave the secret out.</summary>
    [Id(2)]
    public required bool HasSecret { get; init; }

    /// <summary>The desired state.</summary>
    [Id(3)]
    public required EdgeSettings Settings { get; init; }

    /// <summary>Who is connected where, and what they acknowledged.</summary>
    [Id(4)]
    public ImmutableArray<EdgeObservation> Observed { get; init; } = [];
}
