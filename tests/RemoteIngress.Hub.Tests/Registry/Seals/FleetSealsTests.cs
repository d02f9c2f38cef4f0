using System.Collections.Immutable;
using RemoteIngress.Contracts;
using RemoteIngress.Testing;
using static RemoteIngress.Hub.Tests.Registry.RegistryCluster;

namespace RemoteIngress.Hub.Tests.Registry.Seals;

public sealed class FleetSealsTests(RegistryCluster cluster) : IClassFixture<RegistryCluster>
{
    private readonly string _name = NewId("fleet");

    private IFleetGrain Fleet => cluster.Fleet(_name);

    [Fact]
    public async Task After_a_cold_start_an_unchanged_list_asks_no_edge_and_writes_nothing()
    {
        var edges = NewEdges(200);
        await Fleet.UpdateAllowedEdgesAsync(edges);
        await cluster.Cluster.DeactivateAsync(Fleet);
        await Task.WhenAll(edges.Select(edge => cluster.Cluster.DeactivateAsync(cluster.Edge(edge.Id))));
        var writes = cluster.Storage.Writes;
        cluster.Storage.FailRead = grain => grain.Type.ToString() == "edge";
        try
        {
            var again = await Fleet.UpdateAllowedEdgesAsync(edges);

            Assert.Equal(200, again.Unchanged.Length);
            Assert.Equal(writes, cluster.Storage.Writes);
        }
        finally
        {
            cluster.Storage.FailRead = _ => false;
        }
    }

    [Fact]
    public async Task A_change_of_one_edge_asks_only_those_beside_it()
    {
        var edges = NewEdges(200);
        await Fleet.UpdateAllowedEdgesAsync(edges);
        await cluster.Cluster.DeactivateAsync(Fleet);
        await Task.WhenAll(edges.Select(edge => cluster.Cluster.DeactivateAsync(cluster.Edge(edge.Id))));
        var reads = cluster.Storage.Reads;

        var changed = await Fleet.UpdateAllowedEdgesAsync(edges.SetItem(7, edges[7] with { Secret = "another" }));

        Assert.Equal([edges[7].Id], changed.Updated);
        Assert.Equal(199, changed.Unchanged.Length);
        Assert.True(await cluster.Edge(edges[7].Id).VerifySecretAsync("another"));

        // the check behind the answer reads the others too, in its own time
        Assert.InRange(cluster.Storage.Reads - reads, 2, 210);
        Assert.Equal(200, (await Fleet.UpdateAllowedEdgesAsync(edges.SetItem(7, edges[7] with { Secret = "another" }))).Unchanged.Length);
    }

    [Fact]
    public async Task A_rotation_makes_the_list_before_it_a_change()
    {
        var edges = NewEdges(3);
        await Fleet.UpdateAllowedEdgesAsync(edges);
        var rotation = await Fleet.RotateSecretAsync(edges[1].Id, EdgeSecret.Create(), null);

        var back = await Fleet.UpdateAllowedEdgesAsync(edges);

        Assert.Equal([edges[1].Id], back.Updated);
        Assert.False(await cluster.Edge(edges[1].Id).VerifySecretAsync(rotation!.Secret));
        Assert.True(await cluster.Edge(edges[1].Id).VerifySecretAsync("correct horse"));
        Assert.Null(await Fleet.RotateSecretAsync(NewId(), EdgeSecret.Create(), null));
    }

    [Fact]
    public async Task Changes_of_single_edges_make_the_list_before_them_a_change()
    {
        var edges = NewEdges(3);
        await Fleet.UpdateAllowedEdgesAsync(edges);
        await Fleet.UpsertAsync(edges[0] with { ListenPorts = [99] });
        Assert.Equal([edges[0].Id], (await Fleet.UpdateAllowedEdgesAsync(edges)).Updated);

        await Fleet.RemoveAsync(edges[1].Id);
        Assert.Equal([edges[1].Id], (await Fleet.UpdateAllowedEdgesAsync(edges)).Created);

        var more = NewEdge();
        await Fleet.UpsertAsync(more);
        Assert.Equal([more.Id], (await Fleet.UpdateAllowedEdgesAsync(edges)).Removed);
        Assert.Equal(3, (await Fleet.UpdateAllowedEdgesAsync(edges)).Unchanged.Length);
    }

    [Fact]
    public async Task A_storage_that_lost_everything_is_filled_again_by_the_list()
    {
        var edges = NewEdges(3);
        await Fleet.UpdateAllowedEdgesAsync(edges);
        cluster.Storage.Lose("edge", edges[0].Id);
        cluster.Storage.Lose("fleet", _name + "/seal");
        await cluster.Cluster.DeactivateAsync(cluster.Edge(edges[0].Id));

        Assert.Equal([edges[0].Id], (await Fleet.UpdateAllowedEdgesAsync(edges)).Updated);

        Assert.Equal([80], (await cluster.Edge(edges[0].Id).GetAsync())!.Settings.ListenPorts);
    }

    [Fact]
    public async Task An_edge_that_storage_lost_alone_is_found_behind_the_answer_and_made_again_by_the_next_list()
    {
        var edges = NewEdges(3);
        await Fleet.UpdateAllowedEdgesAsync(edges);
        cluster.Storage.Lose("edge", edges[0].Id);
        await cluster.Cluster.DeactivateAsync(cluster.Edge(edges[0].Id));

        // a list that is recognized is checked behind the answer: sooner or later one is compared again
        await Poll.UntilAsync(
            "the lost edge is there again",
            async _ =>
            {
                await Fleet.UpdateAllowedEdgesAsync(edges);
                return await cluster.Edge(edges[0].Id).GetAsync() is not null;
            },
            Timeouts.Token());

        Assert.True(await cluster.Edge(edges[0].Id).VerifySecretAsync("correct horse"));
    }

    [Fact]
    public async Task A_crash_before_the_seal_leaves_no_seal_that_lies()
    {
        var edges = NewEdges(3);
        await Fleet.UpdateAllowedEdgesAsync(edges);
        cluster.Storage.FailWrite = grain => grain.Type.ToString() == "edge";
        try
        {
            await Assert.ThrowsAnyAsync<OrleansException>(() => Fleet.UpdateAllowedEdgesAsync(edges.SetItem(0, edges[0] with { ListenPorts = [99] })));
            await cluster.Cluster.DeactivateAsync(Fleet);
        }
        finally
        {
            cluster.Storage.FailWrite = _ => false;
        }

        // the interrupted list is finished first, and then the old one is a change
        Assert.Equal([edges[0].Id], (await Fleet.UpdateAllowedEdgesAsync(edges)).Updated);
        Assert.Equal([80], (await cluster.Edge(edges[0].Id).GetAsync())!.Settings.ListenPorts);
    }

    [Fact]
    public async Task Two_lists_at_once_end_in_one_of_them_whole()
    {
        for (var round = 0; round < 5; round++)
        {
            var left = NewEdges(40);
            var right = NewEdges(40).SetItem(0, left[0] with { ListenPorts = [99] });

            await Task.WhenAll(Fleet.UpdateAllowedEdgesAsync(left), Fleet.UpdateAllowedEdgesAsync(right), Fleet.UpdateAllowedEdgesAsync(left));

            var views = await Fleet.ListAsync();
            var winner = views.Any(view => view.Id == left[1].Id) ? left : right;
            Assert.Equal(winner.Select(edge => edge.Id).Order(StringComparer.Ordinal), views.Select(view => view.Id));
            Assert.Equal(winner[0].ListenPorts, views.Single(view => view.Id == left[0].Id).Settings.ListenPorts);
        }
    }

    private static ImmutableArray<AllowedEdge> NewEdges(int count) => [.. Enumerable.Range(0, count).Select(_ => NewEdge(ports: [80]))];
}
