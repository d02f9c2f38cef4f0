namespace RemoteIngress.Hub;

/// <summary>Datagrams and UDP sessions of a hub since the start.</summary>
public sealed record HubUdpStatus
{
    /// <summary>Sessions opened.</summary>
    public required long SessionsOpened { get; init; }

    /// <summary>Sessions that ended, by reason.</summary>
    public required IReadOnlyDictionary<string, long> SessionsEnded { get; init; }

    /// <summary>Datagrams that passed: <c>into_tunnel</c> from targets, <c>out_of_tunnel</c> from edges.</summary>
    public required IReadOnlyDictionary<string, long> Datagrams { get; init; }

    /// <summary>Datagrams that went no further, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Dropped { get; init; }
}
