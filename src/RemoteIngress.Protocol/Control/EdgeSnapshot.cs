namespace RemoteIngress.Protocol.Control;

/// <summary>CONFIG, hub to edge: everything the edge should be doing. It replaces, never amends, what came before.</summary>
public sealed record EdgeSnapshot
{
    /// <summary>Seconds between STUN requests when a snapshot does not say.</summary>
    public const int DefaultStunIntervalSecs = 300;

    /// <summary>Version of this state, 0 or higher. Edges ignore a snapshot whose generation is not higher than theirs.</summary>
    public required long Generation { get; init; }

    /// <summary>Public TCP ports, 1 to 65535.</summary>
    public IReadOnlyList<int> ListenPorts { get; init => field = value ?? []; } = [];

    /// <summary>Public UDP ports, 1 to 65535.</summary>
    public IReadOnlyList<int> ListenPortsUdp { get; init => field = value ?? []; } = [];

    /// <summary>Seconds between STUN requests; 0 stands for <see cref="DefaultStunIntervalSecs"/>.</summary>
    public int StunIntervalSecs { get; init => field = value == 0 ? DefaultStunIntervalSecs : value; } = DefaultStunIntervalSecs;

    /// <summary>Desired packet filter; null: none.</summary>
    public FirewallConfig? FirewallConfig { get; init; }

    /// <summary>By <c>port</c> (TCP), <c>port/tcp</c> or <c>port/udp</c>; null: defaults everywhere.</summary>
    public IReadOnlyDictionary<string, PortOptions>? PortOptions { get; init; }

    /// <summary>
    /// Every hub the edge should have a tunnel to, as <c>host:port</c>, whatever <see cref="Generation"/> is. Empty: the hub does not know; keep
    /// the ones you have.
    /// </summary>
    public IReadOnlyList<string> Hubs { get; init => field = value ?? []; } = [];

    /// <summary>Rises whenever this hub has other <see cref="Hubs"/> to name, over all its tunnels and restarts; null (left out): 0.</summary>
    public long? HubsVersion { get; init; }
}
