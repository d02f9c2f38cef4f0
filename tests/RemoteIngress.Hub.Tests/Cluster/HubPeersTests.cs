using RemoteIngress.Contracts;
using RemoteIngress.Hub.Cluster;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Tests.Registry;
using RemoteIngress.Testing;

namespace RemoteIngress.Hub.Tests.Cluster;

/// <summary>Hubs of a real cluster in this process.</summary>
public sealed class HubPeersTests : IAsyncLifetime
{
    private readonly RegistryCluster _cluster = new();
    private readonly CancellationToken _token = Timeouts.Token();

    private string First => _cluster.HubIds[0];

    private string Second => _cluster.HubIds[1];

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_hub_that_comes_changes_or_dies_is_known_at_once()
    {
        await SeesAsync(First, hubs => Assert.Equal([First, Second], hubs.Select(hub => hub.HubId).Order()));
        await SeesAsync(Second, hubs => Assert.Equal([First, Second], hubs.Select(hub => hub.HubId).Order()));
        Assert.All(_cluster.Hub(First).All(), hub => Assert.NotNull(hub.SiloAddress));

        var second = Local(Second);
        second.View = second.View with { State = HubView.Draining };
        _cluster.Hub(Second).OwnChanged();
        await SeesAsync(First, hubs => Assert.Equal(HubView.Draining, hubs.Single(hub => hub.HubId == Second).State));
        Assert.Equal([$"{First}:8443"], _cluster.Hub(First).List.Names);

        var third = await _cluster.Cluster.StartAdditionalSiloAsync();
        await SeesAsync(First, hubs => Assert.Contains(third.Name, hubs.Select(hub => hub.HubId)));
        await _cluster.Cluster.KillSiloAsync(third, _token);
        await SeesAsync(First, hubs => Assert.DoesNotContain(third.Name, hubs.Select(hub => hub.HubId)));
        await SeesAsync(Second, hubs => Assert.DoesNotContain(third.Name, hubs.Select(hub => hub.HubId)));
    }

    [Fact]
    public async Task Any_hub_drains_any_other_and_sees_the_edges_of_all()
    {
        await SeesAsync(First, hubs => Assert.Equal(2, hubs.Count));
        Local(First).Held = [Held("edge-a", 7, 7)];
        Local(Second).Held = [Held("edge-a", 8, 7), Held("edge-b", 5, 5)];
        var manager = new HubManager(
            _cluster.Hub(First), new EdgeManager(new RegistryCalls(() => _cluster.Grains, TimeProvider.System)), TimeProvider.System);

        var status = await manager.StatusAsync(_token);

        Assert.Empty(status.UnansweredHubs);
        Assert.Equal(0, status.RegisteredEdges);
        Assert.Equal([("edge-a", 8L, false, 2), ("edge-b", 5L, true, 1)], status.Edges.Select(edge => (edge.EdgeId, edge.Generation, edge.InSync, edge.HeldBy.Count)));
        await manager.DrainAsync(manager.List().Single(hub => hub.HubId == Second), _token);
        await Local(Second).DrainAsked.WaitAsync(_token);
        Assert.False(Local(First).DrainAsked.IsCompleted);
        await manager.DrainAsync(manager.List().Single(hub => hub.HubId == First), _token);
        await Local(First).DrainAsked.WaitAsync(_token);
    }

    [Fact]
    public async Task A_hub_that_left_cannot_be_drained_and_that_is_said()
    {
        var (first, second) = (First, Second);
        await SeesAsync(first, hubs => Assert.Equal(2, hubs.Count));
        var manager = new HubManager(_cluster.Hub(first), new EdgeManager(new RegistryCalls(() => null, TimeProvider.System)), TimeProvider.System);
        var gone = manager.List().Single(hub => hub.HubId == second);
        await _cluster.Cluster.StopSiloAsync(_cluster.Cluster.Silos.Single(silo => silo.Name == second), _token);
        await SeesAsync(first, hubs => Assert.Single(hubs));

        var error = await Assert.ThrowsAsync<RegistryUnavailableException>(() => manager.DrainAsync(gone, _token));

        Assert.Contains(second, error.Message, StringComparison.Ordinal);
        Assert.Null((await manager.StatusAsync(_token)).RegisteredEdges);
    }

    private FakeHub Local(string name) => (FakeHub)_cluster.Hub(name).Local;

    private static HeldEdge Held(string edgeId, long generation, long acknowledged) => new()
    {
        EdgeId = edgeId,
        InstanceId = "i",
        ConnectedAt = DateTimeOffset.UnixEpoch,
        Generation = generation,
        Acknowledged = acknowledged,
        ActiveStreams = 0,
    };

    // another silo's view, which cannot announce itself; a view that never comes fails with what is seen instead
    private async Task SeesAsync(string name, Action<IReadOnlyList<HubView>> check)
    {
        Exception? last = null;
        try
        {
            await Poll.UntilAsync(
                $"{name} sees it",
                () =>
                {
                    last = Record.Exception(() => check(_cluster.Hub(name).All()));
                    return last is null;
                },
                _token);
        }
        catch (TimeoutException)
        {
            throw last!;
        }
    }
}
