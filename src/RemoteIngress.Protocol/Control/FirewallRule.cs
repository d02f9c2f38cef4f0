namespace RemoteIngress.Protocol.Control;

/// <summary>One packet rule; rules apply in order.</summary>
public sealed record FirewallRule
{
    /// <summary>Name of the rule, unique in its list.</summary>
    public required string Id { get; init; }

    /// <summary><c>input</c>, <c>output</c> or <c>forward</c>.</summary>
    public required string Direction { get; init; }

    /// <summary><c>accept</c>, <c>drop</c> or <c>reject</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Source address or CIDR; null: any.</summary>
    public string? SourceIP { get; init; }

    /// <summary>Destination port, 1 to 65535; null: any.</summary>
    public int? DestPort { get; init; }

    /// <summary><c>tcp</c> or <c>udp</c>; null: any.</summary>
    public string? Protocol { get; init; }

    /// <summary>For people.</summary>
    public string? Comment { get; init; }
}
