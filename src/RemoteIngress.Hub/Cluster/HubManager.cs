using System.Collections.Immutable;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;

namespace RemoteIngress.Hub.Cluster;

/// <summary>The cluster as a manager sees it, from any of its hubs.</summary>
internal sealed class HubManager(HubDirectory hubs, EdgeManager edges, TimeProvider time)
{
    private static readonly TimeSpan RegistryTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Every live hub.</summary>
    public IReadOnlyList<HubView> List() => hubs.All();

    /// <summary>Makes a hub drain; answers before it has.</summary>
    /// <exception cref="RegistryUnavailableException">It cannot be reached.</exception>
    public async Task DrainAsync(HubView hub, CancellationToken cancellationToken)
    {
        if (IsOwn(hub))
        {
            hubs.Local.RequestDrain();
            return;
        }

        await (hubs.Peers ?? throw Unreachable(hub)).DrainAsync(hub, cancellationToken);
    }

    /// <summary>Every hub, and every edge that has a tunnel to any: desired against acknowledged. Always answers, within about a second.</summary>
    public async Task<ClusterStatus> StatusAsync(CancellationToken cancellationToken)
    {
        var registered = CountEdgesAsync(cancellationToken);
        var all = List();
        var held = await Task.WhenAll(all.Select(hub => AskAsync(hub, cancellationToken)));
        return new ClusterStatus
        {
            Hubs = all,
            UnansweredHubs = [.. all.Zip(held).Where(static pair => pair.Second is null).Select(static pair => pair.First.HubId)],
            RegisteredEdges = await registered,
            Edges =
            [
                .. all.Zip(held)
                    .SelectMany(static pair => (pair.Second ?? []).Select(edge => (pair.First.HubId, Edge: edge)))
                    .GroupBy(static pair => pair.Edge.EdgeId, StringComparer.Ordinal)
                    .OrderBy(static edge => edge.Key, StringComparer.Ordinal)
                    .Select(static edge => Describe(edge.Key, [.. edge])),
            ],
        };
    }

    private async Task<IReadOnlyList<HeldEdge>?> AskAsync(HubView hub, CancellationToken cancellationToken)
    {
        try
        {
            return IsOwn(hub)
                ? hubs.Local.HeldEdges()
                : await (hubs.Peers ?? throw Unreachable(hub)).HeldEdgesAsync(hub, cancellationToken);
        }
        catch (RegistryUnavailableException)
        {
            return null;
        }
    }

    private async Task<int?> CountEdgesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await edges.TouchAsync(cancellationToken).WaitAsync(RegistryTimeout, time, cancellationToken);
        }
        catch (Exception e) when (e is RegistryUnavailableException or TimeoutException)
        {
            return null;
        }
    }

    // What the best informed hub knows is desired: the others hear of it in a moment.
    private static ClusterEdge Describe(string edgeId, ImmutableArray<(string HubId, HeldEdge Edge)> held)
    {
        var generation = held.Max(static pair => pair.Edge.Generation);
        return new ClusterEdge(
            edgeId,
            generation,
            held.All(pair => pair.Edge.Acknowledged >= generation),
            [
                .. held.Select(static pair => new EdgeHolding(
                    pair.HubId, pair.Edge.InstanceId, pair.Edge.ConnectedAt, pair.Edge.Acknowledged, pair.Edge.ActiveStreams)),
            ]);
    }

    private bool IsOwn(HubView hub) => hub.InstanceId == hubs.Local.InstanceId;

    private static RegistryUnavailableException Unreachable(HubView hub) =>
        new($"hub '{hub.HubId}' cannot be reached: the silo of this hub is not running; ask another hub");
}
