using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace RemoteIngress.Edge.Status;

/// <summary>How the search for the public address goes. It changes nothing but this.</summary>
public sealed record EdgeStunStatus
{
    /// <summary>The server as configured, as host:port; null when it is off.</summary>
    public string? Server { get; init; }

    /// <summary><c>off</c>, <c>pending</c> (not answered yet), <c>ok</c> or <c>failed</c> (the last question).</summary>
    public required string State { get; init; }

    /// <summary>The last public IPv4 address; null while unknown.</summary>
    [JsonPropertyName("ipv4")]
    public string? IPv4 { get; init; }

    /// <summary>The last public IPv6 address; null while unknown.</summary>
    [JsonPropertyName("ipv6")]
    public string? IPv6 { get; init; }

    /// <summary>Why the last question got no address; null when it did.</summary>
    public string? Error { get; init; }

    /// <summary>When an address was last told; null before the first time.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>Datagrams that were no answer, since the start, by reason: <c>wrong_source</c>, <c>wrong_transaction</c>, <c>malformed</c>, <c>bad_fingerprint</c>.</summary>
    public IReadOnlyDictionary<string, long> Ignored { get; init; } = ReadOnlyDictionary<string, long>.Empty;
}
