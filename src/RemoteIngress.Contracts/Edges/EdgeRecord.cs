using System.Collections.Immutable;

namespace RemoteIngress.Contracts;

/// <summary>What a hub needs to serve an edge: how to authenticate it and what it shall do. Holds no secret.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgeRecord")]
public sealed record EdgeRecord
{
    /// <summary>The edge's name.</summary>
    [Id(0)]
    public required string EdgeId { get; init; }

    /// <summary>Rises with every real change; a hub applies only a higher one. <c>max(previous + 1, unix milliseconds)</c>.</summary>
    [Id(1)]
    public required long Generation { get; init; }

    /// <summary>One verifier, two during a rotation (the newest first). Compare <see cref="EdgeVerifier.IsValidAt"/> before use.</summary>
    [Id(2)]
    public required ImmutableArray<EdgeVerifier> Verifiers { get; init; }

    /// <summary>What the edge shall do.</summary>
    [Id(3)]
    public required EdgeSettings Settings { get; init; }
}
