using Microsoft.Extensions.Logging.Abstractions;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Registry.LastKnown;
using RemoteIngress.Hub.Silo;
using static RemoteIngress.Hub.Tests.Registry.RegistryCluster;

namespace RemoteIngress.Hub.Tests.Registry;

public sealed class EdgeRegistryTests : IClassFixture<RegistryCluster>
{
    private readonly RegistryCluster _cluster;
    private readonly EdgeRegistry _registry;

    public EdgeRegistryTests(RegistryCluster cluster)
    {
        _cluster = cluster;
        _registry = new EdgeRegistry(new RegistryCalls(() => cluster.Grains, TimeProvider.System), new LastKnownEdges(TimeProvider.System));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finds_what_is_registered_and_nothing_else()
    {
        var edge = NewEdge(ports: [80]);
        await _cluster.Edge(edge.Id).ApplyAsync(edge);

        Assert.Equal([80], (await _registry.FindAsync(edge.Id, Token))!.Settings.ListenPorts);
        Assert.Null(await _registry.FindAsync(NewId(), Token));
    }

    [Fact]
    public async Task Without_a_silo_the_registry_is_unavailable_and_not_empty()
    {
        var calls = new RegistryCalls(() => null, TimeProvider.System);

        await Assert.ThrowsAsync<RegistryUnavailableException>(() => new EdgeRegistry(calls, new LastKnownEdges(TimeProvider.System)).FindAsync("edge", Token));
        Assert.False(calls.Answered);
    }

    [Fact]
    public async Task A_short_failure_is_tried_again()
    {
        var edge = NewEdge();
        var failures = 0;
        _cluster.Storage.FailWrite = grain => grain.Key.ToString() == edge.Id && failures++ < 2;
        try
        {
            var calls = new RegistryCalls(() => _cluster.Grains, TimeProvider.System);
            var result = await calls.ShortAsync(grains => grains.GetGrain<IEdgeGrain>(edge.Id).ApplyAsync(edge), Token);
            Assert.Equal(EdgeChangeOutcome.Created, result.Outcome);
            Assert.Equal(3, failures);
        }
        finally
        {
            _cluster.Storage.FailWrite = _ => false;
        }
    }

    [Fact]
    public async Task A_storage_that_stays_away_is_said_in_one_exception()
    {
        var edge = NewEdge();
        _cluster.Storage.FailWrite = grain => grain.Key.ToString() == edge.Id;
        try
        {
            var calls = new RegistryCalls(() => _cluster.Grains, TimeProvider.System);
            var manager = new EdgeManager(calls);
            await Assert.ThrowsAsync<RegistryUnavailableException>(() => manager.UpsertAsync(edge, Token));
        }
        finally
        {
            _cluster.Storage.FailWrite = _ => false;
        }
    }

    [Fact]
    public async Task A_grain_that_was_activated_anew_is_told_again_who_is_connected()
    {
        var edge = NewEdge();
        var created = await _cluster.Edge(edge.Id).ApplyAsync(edge);
        var hub = _cluster.HubIds[0];
        await _registry.ReportPresenceAsync(edge.Id, Presence(hub, connected: true), Token);
        await _registry.AcknowledgeAsync(
            edge.Id,
            new EdgeAcknowledgement { HubId = hub, InstanceId = "a", Generation = created.Generation, At = DateTimeOffset.UnixEpoch },
            Token);
        await _registry.GetVersionAsync(edge.Id, Token);

        await _cluster.Cluster.DeactivateAsync(_cluster.Edge(edge.Id));
        Assert.Empty((await _cluster.Edge(edge.Id).GetViewAsync())!.Observed);
        await _registry.GetVersionAsync(edge.Id, Token);

        var observed = Assert.Single((await _cluster.Edge(edge.Id).GetViewAsync())!.Observed);
        Assert.Equal(created.Generation, observed.Acknowledgement!.Generation);

        await _registry.ReportPresenceAsync(edge.Id, Presence(hub, connected: false), Token);
        await _cluster.Cluster.DeactivateAsync(_cluster.Edge(edge.Id));
        await _registry.GetVersionAsync(edge.Id, Token);
        Assert.Empty((await _cluster.Edge(edge.Id).GetViewAsync())!.Observed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_report_that_failed_is_said_again_by_the_next_poll(bool connected)
    {
        var edge = NewEdge();
        await _cluster.Edge(edge.Id).ApplyAsync(edge);
        var isUp = true;
        var registry = new EdgeRegistry(new RegistryCalls(() => isUp ? _cluster.Grains : null, TimeProvider.System), new LastKnownEdges(TimeProvider.System));
        using var poller = new RegistryPoller(registry, new RecordingSink(), new SiloCounters(), TimeProvider.System, NullLogger<RegistryPoller>.Instance);
        var hub = _cluster.HubIds[0];
        if (!connected)
        {
            await registry.ReportPresenceAsync(edge.Id, Presence(hub, connected: true), Token);
            await registry.GetVersionAsync(edge.Id, Token);
        }

        isUp = false;
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => registry.ReportPresenceAsync(edge.Id, Presence(hub, connected), Token));
        await poller.PollAsync(Token);
        Assert.Equal([edge.Id], registry.Unsent());
        isUp = true;
        await poller.PollAsync(Token);

        Assert.Empty(registry.Unsent());
        Assert.Equal(connected ? 1 : 0, (await _cluster.Edge(edge.Id).GetViewAsync())!.Observed.Length);
    }

    [Fact]
    public async Task The_poll_finds_what_the_push_has_missed()
    {
        AllowedEdge current = NewEdge(ports: [80]), stale = NewEdge(ports: [81]), gone = NewEdge();
        var generation = (await _cluster.Edge(current.Id).ApplyAsync(current)).Generation;
        var newer = (await _cluster.Edge(stale.Id).ApplyAsync(stale)).Generation;
        var sink = new RecordingSink();
        sink.Live.AddRange([(current.Id, generation), (stale.Id, newer - 1), (gone.Id, 7)]);
        using var poller = new RegistryPoller(_registry, sink, new SiloCounters(), TimeProvider.System, NullLogger<RegistryPoller>.Instance);

        await poller.PollAsync(Token);

        Assert.Equal(2, sink.Arrivals.Count);
        Assert.Equal([81], (await sink.ChangedAsync(stale.Id)).Record!.Settings.ListenPorts);
        Assert.Equal(8, (await sink.RemovedAsync(gone.Id)).Generation);
    }

    [Fact]
    public async Task The_poll_does_not_take_an_outage_for_a_removal()
    {
        var sink = new RecordingSink();
        sink.Live.Add((NewId(), 7));
        var registry = new EdgeRegistry(new RegistryCalls(() => null, TimeProvider.System), new LastKnownEdges(TimeProvider.System));
        using var poller = new RegistryPoller(registry, sink, new SiloCounters(), TimeProvider.System, NullLogger<RegistryPoller>.Instance);

        await poller.PollAsync(Token);

        Assert.Empty(sink.Arrivals);
    }

    [Fact]
    public async Task The_poll_wakes_a_fleet_whose_hub_died_and_it_finishes_what_was_left()
    {
        var fleet = _cluster.Fleet(IFleetGrain.DefaultKey);
        var edge = NewEdge(ports: [80]);
        _cluster.Storage.FailWrite = grain => grain.Key.ToString() == edge.Id;
        try
        {
            await Assert.ThrowsAnyAsync<OrleansException>(() => fleet.UpdateAllowedEdgesAsync([edge]));
            await _cluster.Cluster.DeactivateAsync(fleet);
        }
        finally
        {
            _cluster.Storage.FailWrite = _ => false;
        }

        using var poller = new RegistryPoller(_registry, new RecordingSink(), new SiloCounters(), TimeProvider.System, NullLogger<RegistryPoller>.Instance);
        await poller.PollAsync(Token);

        foreach (var sink in _cluster.Sinks)
        {
            Assert.Equal([80], (await sink.ChangedAsync(edge.Id)).Record!.Settings.ListenPorts);
        }
    }

    [Fact]
    public async Task What_the_registry_answers_is_what_is_known()
    {
        var edge = NewEdge(ports: [80]);
        var known = new LastKnownEdges(TimeProvider.System);
        var isUp = true;
        var registry = new EdgeRegistry(new RegistryCalls(() => isUp ? _cluster.Grains : null, TimeProvider.System), known);
        await _cluster.Edge(edge.Id).ApplyAsync(edge);

        await registry.FindAsync(edge.Id, Token);
        Assert.NotNull(known.Find(edge.Id));
        isUp = false;
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => registry.FindAsync(edge.Id, Token));
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => registry.GetVersionAsync(edge.Id, Token));
        Assert.NotNull(known.Find(edge.Id));

        isUp = true;
        await _cluster.Edge(edge.Id).RemoveAsync();
        Assert.Null(await registry.FindAsync(edge.Id, Token));
        Assert.Null(known.Find(edge.Id));
    }

    private static EdgePresence Presence(string hubId, bool connected) => new()
    {
        HubId = hubId,
        InstanceId = "a",
        Connected = connected,
        At = DateTimeOffset.UnixEpoch,
    };
}
