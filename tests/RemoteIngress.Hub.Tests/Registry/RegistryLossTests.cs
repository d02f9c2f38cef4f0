using Microsoft.Extensions.Logging.Abstractions;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Registry.LastKnown;
using RemoteIngress.Hub.Silo;
using static RemoteIngress.Hub.Tests.Registry.RegistryCluster;

namespace RemoteIngress.Hub.Tests.Registry;

/// <summary>A storage that lost its data: what grains and hubs still have makes the registry whole again.</summary>
public sealed class RegistryLossTests : IAsyncLifetime
{
    private readonly RegistryCluster _cluster = new();
    private readonly RecordingSink _sink = new();
    private readonly SiloCounters _counters = new();
    private RegistryPoller _poller = null!;

    private static CancellationToken Token => Testing.Timeouts.Token();

    private IFleetGrain Fleet => _cluster.Fleet(IFleetGrain.DefaultKey);

    public async ValueTask InitializeAsync()
    {
        await _cluster.InitializeAsync();
        var registry = new EdgeRegistry(new RegistryCalls(() => _cluster.Grains, TimeProvider.System), new LastKnownEdges(TimeProvider.System));
        _poller = new RegistryPoller(registry, _sink, _counters, TimeProvider.System, NullLogger<RegistryPoller>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _poller.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task An_edge_writes_again_what_storage_lost_and_nothing_otherwise()
    {
        var edge = NewEdge(ports: [80]);
        var generation = (await _cluster.Edge(edge.Id).ApplyAsync(edge)).Generation;
        var writes = _cluster.Storage.Writes;
        Assert.Equal(EdgeRepair.Whole, await _cluster.Edge(edge.Id).RepairAsync());
        Assert.Equal(writes, _cluster.Storage.Writes);
        _cluster.Storage.Lose(RegistryNames.EdgeGrainType, edge.Id);

        Assert.Equal(EdgeRepair.Written, await _cluster.Edge(edge.Id).RepairAsync());

        Assert.True(_cluster.Storage.Contains(RegistryNames.EdgeGrainType, edge.Id));
        Assert.Equal(generation, (await _cluster.Edge(edge.Id).GetVersionAsync()).Generation);
        Assert.Equal(EdgeRepair.Missing, await _cluster.Edge(NewId()).RepairAsync());
    }

    [Fact]
    public async Task An_edge_that_cannot_write_again_at_once_keeps_what_it_has()
    {
        var edge = NewEdge(ports: [80]);
        await _cluster.Edge(edge.Id).ApplyAsync(edge);
        _cluster.Storage.Lose(RegistryNames.EdgeGrainType, edge.Id);
        _cluster.Storage.FailWrite = grain => grain.Key.ToString() == edge.Id;
        await Assert.ThrowsAnyAsync<OrleansException>(() => _cluster.Edge(edge.Id).RepairAsync());
        _cluster.Storage.FailWrite = _ => false;

        Assert.Equal([80], (await _cluster.Edge(edge.Id).GetAsync())!.Settings.ListenPorts);
        Assert.Equal(EdgeRepair.Written, await _cluster.Edge(edge.Id).RepairAsync());
        Assert.Equal([80], (await _cluster.Edge(edge.Id).GetAsync())!.Settings.ListenPorts);
    }

    [Fact]
    public async Task A_fleet_writes_itself_and_has_its_edges_write_themselves()
    {
        AllowedEdge[] edges = [NewEdge(ports: [80]), NewEdge(ports: [81])];
        await Fleet.UpdateAllowedEdgesAsync([.. edges]);
        _cluster.Storage.Lose(RegistryNames.FleetGrainType, IFleetGrain.DefaultKey);
        Array.ForEach(edges, edge => _cluster.Storage.Lose(RegistryNames.EdgeGrainType, edge.Id));

        Assert.True(await Fleet.RepairAsync());
        Assert.False(await Fleet.RepairAsync());

        Assert.True(_cluster.Storage.Contains(RegistryNames.FleetGrainType, IFleetGrain.DefaultKey));
        await Testing.Poll.UntilAsync(
            "both edges are stored again", () => edges.All(edge => _cluster.Storage.Contains(RegistryNames.EdgeGrainType, edge.Id)), Token);
        Assert.Equal(2, (await Fleet.UpdateAllowedEdgesAsync([.. edges])).Unchanged.Length);
    }

    [Fact]
    public async Task What_was_removed_stays_removed_when_storage_goes_back_to_an_older_copy()
    {
        AllowedEdge kept = NewEdge(ports: [80]), gone = NewEdge(ports: [81]);
        await Fleet.UpdateAllowedEdgesAsync([kept, gone]);
        var old = _cluster.Storage.Copy();
        await Fleet.UpdateAllowedEdgesAsync([kept with { ListenPorts = [90] }]);
        _cluster.Storage.GoBackTo(old);

        Assert.True(await Fleet.RepairAsync());

        await Testing.Poll.UntilAsync("it is not stored any more", () => !_cluster.Storage.Contains(RegistryNames.EdgeGrainType, gone.Id), Token);
        await _cluster.Edge(kept.Id).RepairAsync();
        await _cluster.Cluster.DeactivateAsync(_cluster.Edge(kept.Id));
        await _cluster.Cluster.DeactivateAsync(_cluster.Edge(gone.Id));
        Assert.Equal([90], (await _cluster.Edge(kept.Id).GetAsync())!.Settings.ListenPorts);
        Assert.Null(await _cluster.Edge(gone.Id).GetAsync());
        Assert.Equal([kept.Id], (await Fleet.GetSetAsync(known: -1)).Edges);
    }

    [Fact]
    public async Task A_hub_gives_back_an_edge_that_grain_and_storage_lost_and_no_tunnel_ends()
    {
        var edge = NewEdge(ports: [80]);
        await Fleet.UpdateAllowedEdgesAsync([edge]);
        var record = await ServeAsync(edge.Id);
        _cluster.Storage.Lose(RegistryNames.EdgeGrainType, edge.Id);
        await _cluster.Cluster.DeactivateAsync(_cluster.Edge(edge.Id));
        Assert.Null(await _cluster.Edge(edge.Id).GetAsync());

        await _poller.PollAsync(Token);

        Assert.Equal(record.Generation, (await _cluster.Edge(edge.Id).GetAsync())!.Generation);
        Assert.True(await _cluster.Edge(edge.Id).VerifySecretAsync("correct horse"));
        Assert.Empty(_sink.Arrivals);
        Assert.Equal(1, _counters.RestoredEdges);
    }

    [Fact]
    public async Task A_hub_gives_back_the_whole_list_when_the_fleet_lost_it()
    {
        AllowedEdge live = NewEdge(ports: [80]), idle = NewEdge(ports: [81]);
        await Fleet.UpdateAllowedEdgesAsync([live, idle]);
        await ServeAsync(live.Id);
        await _poller.PollAsync(Token);
        foreach (var id in new[] { live.Id, idle.Id })
        {
            _cluster.Storage.Lose(RegistryNames.EdgeGrainType, id);
        }

        _cluster.Storage.Lose(RegistryNames.FleetGrainType, IFleetGrain.DefaultKey);
        await _cluster.Cluster.DeactivateAsync(Fleet);
        await _cluster.Cluster.DeactivateAsync(_cluster.Edge(live.Id));
        Assert.Equal(0, await Fleet.TouchAsync());

        await _poller.PollAsync(Token);

        Assert.Equal(2, await Fleet.TouchAsync());
        Assert.Equal(new[] { live.Id, idle.Id }.Order(StringComparer.Ordinal), (await Fleet.ListAsync()).Select(view => view.Id));
        Assert.Empty(_sink.Arrivals);
    }

    [Fact]
    public async Task A_fleet_that_nobody_remembers_takes_the_edges_that_hubs_serve_until_somebody_gives_a_list()
    {
        var edge = NewEdge(ports: [80]);
        await Fleet.UpdateAllowedEdgesAsync([edge]);
        await ServeAsync(edge.Id);
        _cluster.Storage.Lose(RegistryNames.EdgeGrainType, edge.Id);
        _cluster.Storage.Lose(RegistryNames.FleetGrainType, IFleetGrain.DefaultKey);
        await _cluster.Cluster.DeactivateAsync(Fleet);
        await _cluster.Cluster.DeactivateAsync(_cluster.Edge(edge.Id));

        // the first poll of this hub: it has not seen the list before
        await _poller.PollAsync(Token);

        Assert.Empty(_sink.Arrivals);
        Assert.Equal([edge.Id], (await Fleet.ListAsync()).Select(view => view.Id));
        Assert.Equal([edge.Id], (await Fleet.UpdateAllowedEdgesAsync([])).Removed);
        await _poller.PollAsync(Token);
        await _sink.RemovedAsync(edge.Id);
    }

    [Fact]
    public async Task An_edge_that_was_removed_stays_removed_also_when_its_grain_forgot_it()
    {
        AllowedEdge gone = NewEdge(ports: [80]), kept = NewEdge(ports: [81]);
        await Fleet.UpdateAllowedEdgesAsync([gone, kept]);
        await ServeAsync(gone.Id);
        await Fleet.RemoveAsync(gone.Id);
        await _cluster.Cluster.DeactivateAsync(_cluster.Edge(gone.Id));

        await _poller.PollAsync(Token);

        await _sink.RemovedAsync(gone.Id);
        Assert.Null(await _cluster.Edge(gone.Id).GetAsync());
        Assert.Equal(0, _counters.RestoredEdges);
    }

    [Fact]
    public async Task A_set_that_is_older_than_the_fleets_is_not_taken()
    {
        var edge = NewEdge(ports: [80]);
        await Fleet.UpdateAllowedEdgesAsync([edge]);
        var now = await Fleet.GetSetAsync(known: -1);
        Assert.Equal([edge.Id], now.Edges);
        Assert.Empty((await Fleet.GetSetAsync(now.Revision)).Edges);

        Assert.False(await Fleet.RestoreSetAsync(now with { Edges = ["other"] }));

        Assert.Equal([edge.Id], (await Fleet.GetSetAsync(known: -1)).Edges);
    }

    /// <summary>Makes the hub of the sink serve it.</summary>
    private async Task<EdgeRecord> ServeAsync(string edgeId)
    {
        var record = (await _cluster.Edge(edgeId).GetAsync())!;
        _sink.Live.Add((edgeId, record.Generation));
        _sink.Records.Add(edgeId, record);
        return record;
    }
}
