namespace RemoteIngress.Protocol.Control;

/// <summary>What differs from the defaults for one public port.</summary>
public sealed record PortOptions
{
    /// <summary><c>host:port</c> that the hub forwards to; null: the hub's target host and the public port.</summary>
    public string? Target { get; init; }

    /// <summary>
    /// PROXY header towards the target. TCP: <c>v1</c> (default), <c>v2</c>, <c>none</c>. UDP: <c>v2-header-only</c> (default),
    /// <c>v2-first</c>, <c>v2-every</c>, <c>none</c>.
    /// </summary>
    public string? ProxyProtocol { get; init; }

    /// <summary><c>eager</c> (default): a client's bytes go to the hub at once; <c>confirmed</c>: only after OPENED.</summary>
    public string? Open { get; init; }
}
