using System.Collections.Immutable;
using Orleans.Concurrency;

namespace RemoteIngress.Contracts;

/// <summary>What there is to ask of the cluster as a whole; any hub answers. The key is 0.</summary>
[Alias("remoteingress.IHubsGrain")]
public interface IHubsGrain : IGrainWithIntegerKey
{
    /// <summary>The hubs that are part of the cluster right now, by name.</summary>
    [Alias("List"), ReadOnly, AlwaysInterleave]
    Task<ImmutableArray<HubView>> ListAsync();

    /// <summary>Makes a connection token of a secret, which is checked against the edge's; changes nothing.</summary>
    [Alias("IssueToken"), ReadOnly, AlwaysInterleave]
    Task<EdgeTokenResult> IssueTokenAsync(EdgeTokenRequest request);
}
