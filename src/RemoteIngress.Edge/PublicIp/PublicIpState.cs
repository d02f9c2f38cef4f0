using System.Net;

namespace RemoteIngress.Edge.PublicIp;

/// <summary>What is known of the edge's public addresses, and how the last question went.</summary>
internal sealed record PublicIpState
{
    /// <summary>The last address found for IPv4; it stays when the server does not answer any more.</summary>
    internal IPAddress? IPv4 { get; init; }

    /// <summary>The same for IPv6.</summary>
    internal IPAddress? IPv6 { get; init; }

    /// <summary>Why neither family got an address at the last question; null when one did, and before the first was answered.</summary>
    internal string? Error { get; init; }

    /// <summary>When an address was last found.</summary>
    internal DateTimeOffset? LastSuccess { get; init; }

    /// <summary>The one address to show: IPv4 when it is known, else IPv6.</summary>
    internal IPAddress? Address => IPv4 ?? IPv6;
}
