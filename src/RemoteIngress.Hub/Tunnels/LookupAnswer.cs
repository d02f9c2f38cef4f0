using System.Collections.Immutable;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>What is known of an edge that wants a tunnel.</summary>
/// <param name="IsUnavailable">The registry could not be asked and this hub does not know the edge.</param>
/// <param name="Verifiers">Those that count now; none: there is no such edge.</param>
internal sealed record LookupAnswer(bool IsUnavailable, ImmutableArray<EdgeVerifier> Verifiers)
{
    internal static LookupAnswer Unavailable { get; } = new(true, []);
}
