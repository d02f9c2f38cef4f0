namespace RemoteIngress.Protocol.Control;

/// <summary>CONFIG_ACK, edge to hub: the edge now runs this generation, and how it went.</summary>
public sealed record ConfigAck
{
    /// <summary>Generation of the snapshot in force; higher than the one that was sent when another hub's was newer.</summary>
    public required long Generation { get; init; }

    /// <summary>One result per listen port of that generation.</summary>
    public IReadOnlyList<PortResult> Ports { get; init => field = value ?? []; } = [];

    /// <summary>The firewall's result; null when the snapshot has no firewall part.</summary>
    public FirewallResult? Firewall { get; init; }
}
