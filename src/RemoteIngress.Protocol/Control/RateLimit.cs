namespace RemoteIngress.Protocol.Control;

/// <summary>A limit on new packets or connections to one port.</summary>
public sealed record RateLimit
{
    /// <summary>Name of the limit, unique in its list.</summary>
    public required string Id { get; init; }

    /// <summary>Destination port, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary><c>tcp</c> or <c>udp</c>; null: <c>tcp</c>.</summary>
    public string? Protocol { get; init; }

    /// <summary><c>count/unit</c>, unit one of second, minute, hour, day: <c>200/second</c>.</summary>
    public required string Rate { get; init; }

    /// <summary>How many may exceed the rate at once; null: the firewall's default.</summary>
    public int? Burst { get; init; }

    /// <summary>Whether every source address has a limit of its own.</summary>
    public bool PerSourceIP { get; init; }
}
