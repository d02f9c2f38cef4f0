using System.Collections.Immutable;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Hubs;

/// <summary>What membership knows of all hubs, and this hub of itself.</summary>
internal sealed class MembershipHubs(IClusterMembershipService membership, HubOptions options) : IHubDirectory
{
    public Task<ImmutableArray<HubView>> ListAsync() => Task.FromResult(membership.CurrentSnapshot.Members.Values
        .Where(member => member.Status == SiloStatus.Active)
        .OrderBy(member => member.Name, StringComparer.Ordinal)
        .Select(member => new HubView
        {
            Id = member.Name,
            SiloAddress = member.SiloAddress.Endpoint.ToString(),
            Advertise = member.Name == options.HubId ? options.Advertise : null,
        })
        .ToImmutableArray());
}
