using System.Collections.Immutable;
using RemoteIngress.Contracts;
using static RemoteIngress.Hub.Tests.Registry.RegistryCluster;

namespace RemoteIngress.Hub.Tests.Registry;

public sealed class FleetGrainTests(RegistryCluster cluster) : IClassFixture<RegistryCluster>
{
    private readonly string _name = NewId("fleet");

    private IFleetGrain Fleet => cluster.Fleet(_name);

    [Fact]
    public async Task A_reconcile_creates_updates_removes_and_leaves_alone()
    {
        AllowedEdge kept = NewEdge(ports: [80]), changed = NewEdge(ports: [81]), dropped = NewEdge(ports: [82]), added = NewEdge(ports: [83]);
        var first = await Fleet.UpdateAllowedEdgesAsync([kept, changed, dropped]);
        Assert.Equal([kept.Id, changed.Id, dropped.Id], first.Created);

        var second = await Fleet.UpdateAllowedEdgesAsync([added, changed with { ListenPorts = [91] }, kept]);

        Assert.True(second.Succeeded);
        Assert.Equal([added.Id], second.Created);
        Assert.Equal([changed.Id], second.Updated);
        Assert.Equal([dropped.Id], second.Removed);
        Assert.Equal([kept.Id], second.Unchanged);
        Assert.Null(await cluster.Edge(dropped.Id).GetAsync());
        Assert.Equal([91], (await cluster.Edge(changed.Id).GetAsync())!.Settings.ListenPorts);
        Assert.Equal(
            new[] { kept.Id, changed.Id, added.Id }.Order(StringComparer.Ordinal),
            (await Fleet.ListAsync()).Select(view => view.Id));
    }

    [Fact]
    public async Task An_unchanged_list_writes_nothing()
    {
        ImmutableArray<AllowedEdge> edges = [NewEdge(ports: [80]), NewEdge(ports: [443])];
        await Fleet.UpdateAllowedEdgesAsync(edges);
        var writes = cluster.Storage.Writes;

        var again = await Fleet.UpdateAllowedEdgesAsync(edges);
        await cluster.Cluster.DeactivateAsync(Fleet);
        var withoutSecrets = await Fleet.UpdateAllowedEdgesAsync([.. edges.Select(edge => edge with { Secret = null })]);

        Assert.Equal(2, again.Unchanged.Length);
        Assert.Equal(2, withoutSecrets.Unchanged.Length);
        Assert.Equal(writes, cluster.Storage.Writes);
    }

    [Fact]
    public async Task An_invalid_list_changes_nothing_and_names_every_error()
    {
        var kept = NewEdge(ports: [80]);
        await Fleet.UpdateAllowedEdgesAsync([kept]);
        var writes = cluster.Storage.Writes;
        var twin = NewEdge();

        var result = await Fleet.UpdateAllowedEdgesAsync([NewEdge(ports: [0, 70000]), twin, twin, NewEdge("a b")]);

        Assert.False(result.Succeeded);
        Assert.Equal(
            ["[0].listenPorts[0]", "[0].listenPorts[1]", "[2].id", "[3].id"],
            result.Errors.Select(error => error.Path));
        Assert.Equal(writes, cluster.Storage.Writes);
        Assert.NotNull(await cluster.Edge(kept.Id).GetAsync());
        Assert.Null(await cluster.Edge(twin.Id).GetAsync());
    }

    [Fact]
    public async Task New_edges_without_a_secret_are_all_named_and_nothing_changes()
    {
        var kept = NewEdge();
        await Fleet.UpdateAllowedEdgesAsync([kept]);

        var result = await Fleet.UpdateAllowedEdgesAsync([NewEdge(secret: null), NewEdge(), NewEdge(secret: null)]);

        Assert.Equal(["[0].secret", "[2].secret"], result.Errors.Select(error => error.Path));
        Assert.Equal([kept.Id], (await Fleet.ListAsync()).Select(view => view.Id));
    }

    [Fact]
    public async Task A_crash_between_the_intent_and_the_edges_is_finished_by_the_next_activation()
    {
        AllowedEdge old = NewEdge(ports: [80]), added = NewEdge(ports: [81]), changed = NewEdge(ports: [82]);
        await Fleet.UpdateAllowedEdgesAsync([old, changed]);
        cluster.Storage.FailWrite = grain => grain.Type.ToString() == "edge";
        try
        {
            await Assert.ThrowsAnyAsync<OrleansException>(
                () => Fleet.UpdateAllowedEdgesAsync([added, changed with { ListenPorts = [92] }]));
            await cluster.Cluster.DeactivateAsync(Fleet);
        }
        finally
        {
            cluster.Storage.FailWrite = _ => false;
        }

        await Fleet.TouchAsync();

        foreach (var sink in cluster.Sinks)
        {
            await sink.ChangedAsync(added.Id);
            await sink.RemovedAsync(old.Id);
        }

        Assert.Equal([81], (await cluster.Edge(added.Id).GetAsync())!.Settings.ListenPorts);
        Assert.Equal([92], (await cluster.Edge(changed.Id).GetAsync())!.Settings.ListenPorts);
        Assert.Null(await cluster.Edge(old.Id).GetAsync());
        Assert.True(await cluster.Edge(added.Id).VerifySecretAsync("correct horse"));
        Assert.DoesNotContain("correct horse", cluster.Storage.Dump());

        // and nothing is left over: the same list is a list without changes
        var again = await Fleet.UpdateAllowedEdgesAsync([added, changed with { ListenPorts = [92] }]);
        Assert.Equal(2, again.Unchanged.Length);
    }

    [Fact]
    public async Task An_intent_whose_answer_was_lost_is_finished_by_the_next_call()
    {
        AllowedEdge edge = NewEdge(ports: [80]), added = NewEdge(ports: [81]);
        await Fleet.UpdateAllowedEdgesAsync([edge]);
        cluster.Storage.LoseAnswer = grain => grain.Key.ToString() == _name;
        try
        {
            await Assert.ThrowsAnyAsync<OrleansException>(() => Fleet.UpdateAllowedEdgesAsync([edge, added]));
        }
        finally
        {
            cluster.Storage.LoseAnswer = _ => false;
        }

        var again = await Fleet.UpdateAllowedEdgesAsync([edge, added]);

        Assert.Equal(2, again.Unchanged.Length);
        Assert.Equal([81], (await cluster.Edge(added.Id).GetAsync())!.Settings.ListenPorts);
    }

    [Fact]
    public async Task A_fleet_that_cannot_write_its_intent_changes_no_edge()
    {
        var edge = NewEdge(ports: [80]);
        await Fleet.UpdateAllowedEdgesAsync([edge]);
        var added = NewEdge();
        cluster.Storage.FailWrite = grain => grain.Key.ToString() == _name;
        try
        {
            await Assert.ThrowsAnyAsync<OrleansException>(() => Fleet.UpdateAllowedEdgesAsync([added]));
        }
        finally
        {
            cluster.Storage.FailWrite = _ => false;
        }

        Assert.Null(await cluster.Edge(added.Id).GetAsync());
        Assert.Equal([edge.Id], (await Fleet.ListAsync()).Select(view => view.Id));
    }

    [Fact]
    public async Task Single_edges_are_added_changed_and_removed()
    {
        var edge = NewEdge(ports: [80]);

        Assert.Equal(EdgeChangeOutcome.Created, (await Fleet.UpsertAsync(edge)).Outcome);
        Assert.Equal(EdgeChangeOutcome.Unchanged, (await Fleet.UpsertAsync(edge)).Outcome);
        var updated = await Fleet.UpsertAsync(edge with { Secret = null, ListenPorts = [81] });
        Assert.Equal(EdgeChangeOutcome.Updated, updated.Outcome);
        Assert.Equal(updated.Generation, Assert.Single(await Fleet.ListAsync()).Generation);
        var removed = await Fleet.RemoveAsync(edge.Id);
        Assert.Equal(EdgeChangeOutcome.Removed, removed.Outcome);
        Assert.True(removed.Generation > updated.Generation);
        Assert.Equal(EdgeChangeOutcome.NotFound, (await Fleet.RemoveAsync(edge.Id)).Outcome);
        Assert.Empty(await Fleet.ListAsync());
    }

    [Fact]
    public async Task An_invalid_single_edge_names_every_error()
    {
        var edge = NewEdge(ports: [70000]) with { StunIntervalSecs = 0 };

        var result = await Fleet.UpsertAsync(edge);

        Assert.Equal(EdgeChangeOutcome.Invalid, result.Outcome);
        Assert.Equal(["listenPorts[0]", "stunIntervalSecs"], result.Errors.Select(error => error.Path));
    }

    [Fact]
    public async Task A_thousand_edges_are_reconciled()
    {
        var edges = Enumerable.Range(0, 1000).Select(i => NewEdge(ports: [1 + i])).ToImmutableArray();

        var result = await Fleet.UpdateAllowedEdgesAsync(edges);

        Assert.Equal(1000, result.Created.Length);
        Assert.Equal(1000, await Fleet.TouchAsync());
        Assert.Equal(1000, (await Fleet.UpdateAllowedEdgesAsync(edges)).Unchanged.Length);
        Assert.Equal(1000, (await Fleet.UpdateAllowedEdgesAsync([])).Removed.Length);
    }
}
