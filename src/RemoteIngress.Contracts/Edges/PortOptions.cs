using System.Text.Json.Serialization;

namespace RemoteIngress.Contracts;

/// <summary>How the connections or sessions of one port are carried and handed on.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.PortOptions")]
public sealed record PortOptions
{
    /// <summary><c>host:port</c> to forward to (IPv6 in brackets); <see langword="null"/> means the hub's target host and the public port.</summary>
    [Id(0), JsonPropertyName("target"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Target { get; init; }

    /// <summary>
    /// TCP: <c>v1</c> (default), <c>v2</c>, <c>none</c>. UDP: <c>v2-header-only</c> (default), <c>v2-first</c>, <c>v2-every</c>, <c>none</c>.
    /// </summary>
    [Id(1), JsonPropertyName("proxyProtocol"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProxyProtocol { get; init; }

    /// <summary>
    /// TCP only: <c>eager</c> (default; the first bytes go at once) or <c>confirmed</c> (they wait until the target accepted).
    /// </summary>
    [Id(2), JsonPropertyName("open"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Open { get; init; }
}
