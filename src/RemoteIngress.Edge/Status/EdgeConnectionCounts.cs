namespace RemoteIngress.Edge.Status;

/// <summary>What happened to client connections since the start.</summary>
public sealed record EdgeConnectionCounts
{
    /// <summary>Accepted.</summary>
    public required long Accepted { get; init; }

    /// <summary>Went to another tunnel before their target had accepted.</summary>
    public required long Moved { get; init; }

    /// <summary>Reset before they were served, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Refused { get; init; }

    /// <summary>Ended, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Ended { get; init; }
}
