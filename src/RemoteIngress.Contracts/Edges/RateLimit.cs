using System.Text.Json.Serialization;

namespace RemoteIngress.Contracts;

/// <summary>A limit on what may arrive at one port.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.RateLimit")]
public sealed record RateLimit
{
    /// <summary>Name of the limit, unique among the limits of its edge.</summary>
    [Id(0), JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>The port it applies to (1 to 65535).</summary>
    [Id(1), JsonPropertyName("port")]
    public required int Port { get; init; }

    /// <summary><c>tcp</c>, <c>udp</c> or <c>both</c>; <see langword="null"/> means <c>tcp</c>.</summary>
    [Id(2), JsonPropertyName("protocol"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Protocol { get; init; }

    /// <summary><c>N/second</c>, <c>N/minute</c> or <c>N/hour</c>.</summary>
    [Id(3), JsonPropertyName("rate")]
    public required string Rate { get; init; }

    /// <summary>How many may come at once above the rate; <see langword="null"/> leaves the packet filter's default.</summary>
    [Id(4), JsonPropertyName("burst"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Burst { get; init; }

    /// <summary>Whether every source address has a limit of its own instead of one for all. False by default.</summary>
    [Id(5), JsonPropertyName("perSourceIP")]
    public bool PerSourceIP { get; init; }
}
