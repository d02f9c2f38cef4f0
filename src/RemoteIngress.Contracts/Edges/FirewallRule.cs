using System.Text.Json.Serialization;

namespace RemoteIngress.Contracts;

/// <summary>One rule of an edge's packet filter. Conditions that are left out match everything.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.FirewallRule")]
public sealed record FirewallRule
{
    /// <summary>Name of the rule, unique among the rules of its edge.</summary>
    [Id(0), JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary><c>input</c>, <c>output</c> or <c>forward</c>.</summary>
    [Id(1), JsonPropertyName("direction")]
    public required string Direction { get; init; }

    /// <summary><c>accept</c>, <c>drop</c> or <c>reject</c>.</summary>
    [Id(2), JsonPropertyName("action")]
    public required string Action { get; init; }

    /// <summary>Source address or CIDR range.</summary>
    [Id(3), JsonPropertyName("sourceIP"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SourceIP { get; init; }

    /// <summary>Destination port (1 to 65535).</summary>
    [Id(4), JsonPropertyName("destPort"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? DestPort { get; init; }

    /// <summary><c>tcp</c>, <c>udp</c> or <c>both</c>; <see langword="null"/> means <c>both</c>.</summary>
    [Id(5), JsonPropertyName("protocol"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Protocol { get; init; }

    /// <summary>A remark for people, at most 256 characters.</summary>
    [Id(6), JsonPropertyName("comment"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Comment { get; init; }
}
