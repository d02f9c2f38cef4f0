namespace RemoteIngress.Protocol.Control;

/// <summary>REJECT, hub to edge, in place of CHALLENGE or WELCOME; the hub closes the connection after it.</summary>
public sealed record Reject
{
    /// <summary>Why, for the program.</summary>
    public required RejectCode Code { get; init; }

    /// <summary>Why, for a person: one line, at most 512 characters.</summary>
    public required string Message { get; init; }

    /// <summary>Seconds the edge should wait before it tries this hub again, 0 to 3600; 0 leaves it to the edge's backoff.</summary>
    public int RetryAfterSeconds { get; init; }
}
