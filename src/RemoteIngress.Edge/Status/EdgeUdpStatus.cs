namespace RemoteIngress.Edge.Status;

/// <summary>Datagrams and UDP sessions of an edge since the start.</summary>
public sealed record EdgeUdpStatus
{
    /// <summary>Sessions opened.</summary>
    public required long SessionsOpened { get; init; }

    /// <summary>Times a session went to another tunnel.</summary>
    public required long SessionsMoved { get; init; }

    /// <summary>Sessions that ended, by reason.</summary>
    public required IReadOnlyDictionary<string, long> SessionsEnded { get; init; }

    /// <summary>Datagrams that passed: <c>into_tunnel</c> from clients, <c>out_of_tunnel</c> from hubs.</summary>
    public required IReadOnlyDictionary<string, long> Datagrams { get; init; }

    /// <summary>Datagrams that went no further, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Dropped { get; init; }

    /// <summary>Bytes of receive buffer that each UDP port asks for.</summary>
    public required int ReceiveBufferWanted { get; init; }

    /// <summary>What the system gave, the least of all ports; null without a UDP port. Raise <c>net.core.rmem_max</c> when it is less.</summary>
    public int? ReceiveBuffer { get; init; }
}
