using RemoteIngress.Contracts;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Testing;
using static RemoteIngress.Hub.Tests.Registry.RegistryCluster;

namespace RemoteIngress.Hub.Tests.Registry.Hubs;

public sealed class HubsGrainTests(RegistryCluster cluster) : IClassFixture<RegistryCluster>
{
    private IHubsGrain Hubs => cluster.Grains.GetGrain<IHubsGrain>(0);

    [Fact]
    public async Task Every_hub_of_the_cluster_is_listed()
    {
        // whichever hub answers has to have met the other
        await Poll.UntilAsync("both are known at both", () => cluster.HubIds.All(id => cluster.Hub(id).All().Count == 2), Timeouts.Token());

        var hubs = await Hubs.ListAsync();

        Assert.Equal(cluster.HubIds.Order(StringComparer.Ordinal), hubs.Select(hub => hub.HubId));
        Assert.All(hubs, hub => Assert.NotEmpty(hub.SiloAddress!));
        Assert.Equal(hubs.Select(hub => $"{hub.HubId}:8443"), hubs.Select(hub => hub.Advertise));
    }

    [Fact]
    public async Task A_token_holds_what_an_edge_needs()
    {
        var edge = NewEdge();
        await cluster.Edge(edge.Id).ApplyAsync(edge);
        await Poll.UntilAsync("hubs have an address", () => cluster.HubIds.All(id => cluster.Hub(id).List.Names.Count == 2), Timeouts.Token());

        var advertised = await Hubs.IssueTokenAsync(new EdgeTokenRequest { EdgeId = edge.Id, Secret = edge.Secret! });
        var asked = await Hubs.IssueTokenAsync(new EdgeTokenRequest { EdgeId = edge.Id, Secret = edge.Secret!, Hubs = ["a:1", "b:2"] });

        Assert.Equal(EdgeTokenOutcome.Issued, advertised.Outcome);
        Assert.True(ConnectionToken.TryDecode(advertised.Token!, out var token, out _));
        Assert.Equal((edge.Id, edge.Secret, 8443), (token!.EdgeId, token.Secret, token.Port));
        Assert.Equal(cluster.HubIds.Order(StringComparer.Ordinal), token.Hubs.Select(hub => hub.Host).Prepend(token.Host));
        Assert.True(ConnectionToken.TryDecode(asked.Token!, out token, out _));
        Assert.Equal(("a", 1), (token!.Host, token.Port));
        Assert.Equal([new HubAddress("b", 2)], token.Hubs);
        Assert.DoesNotContain(advertised.Token!, advertised.ToString());
    }

    [Fact]
    public async Task No_token_for_a_wrong_secret_an_unknown_edge_or_an_address_that_is_none()
    {
        var edge = NewEdge();
        await cluster.Edge(edge.Id).ApplyAsync(edge);

        Assert.Equal(EdgeTokenOutcome.WrongSecret, (await Hubs.IssueTokenAsync(new EdgeTokenRequest { EdgeId = edge.Id, Secret = "no" })).Outcome);
        Assert.Equal(EdgeTokenOutcome.NotFound, (await Hubs.IssueTokenAsync(new EdgeTokenRequest { EdgeId = NewId(), Secret = "no" })).Outcome);
        var invalid = await Hubs.IssueTokenAsync(new EdgeTokenRequest { EdgeId = "a b", Secret = "no", Hubs = ["host:70000"] });
        Assert.Equal(EdgeTokenOutcome.Invalid, invalid.Outcome);
        Assert.Equal(["edgeId", "hubs[0]"], invalid.Errors.Select(error => error.Path));
    }
}
