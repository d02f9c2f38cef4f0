using System.Collections.Immutable;
using System.Text;

namespace RemoteIngress.Contracts;

/// <summary>Asks for the connection token of an edge. Carries the secret in clear, as the token will; <see cref="ToString"/> never shows it.</summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgeTokenRequest")]
public sealed record EdgeTokenRequest
{
    /// <summary>The edge.</summary>
    [Id(0)]
    public required string EdgeId { get; init; }

    /// <summary>Its present secret: the registry does not have it.</summary>
    [Id(1)]
    public required string Secret { get; init; }

    /// <summary><c>host:port</c> of the hubs that the token shall name; empty: those that are known to be reachable by edges.</summary>
    [Id(2)]
    public ImmutableArray<string> Hubs { get; init; } = [];

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("EdgeId = ").Append(EdgeId).Append(", Secret = (redacted)");
        return true;
    }
}
