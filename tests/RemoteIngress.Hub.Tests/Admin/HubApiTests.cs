using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Tests.Admin;

public sealed class HubApiTests : IAsyncLifetime
{
    private AdminHost _api = null!;

    public async ValueTask InitializeAsync() => _api = await AdminHost.StartAsync();

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task A_hub_alone_lists_itself_and_is_drained_on_demand()
    {
        var list = await _api.GetAsync("/api/v1/hubs");
        var hub = Assert.Single(list.Json.EnumerateArray());
        Assert.Equal(("hub-1", "ready", "hub-1:8443"), (hub.GetProperty("hubId").GetString(), hub.GetProperty("state").GetString(), hub.GetProperty("advertise").GetString()));

        var answer = await _api.PostAsync("/api/v1/hubs/hub-1/drain");

        Assert.Equal(202, answer.Status);
        Assert.Equal(HubView.Draining, answer["state"]);
        Assert.True(_api.Hub.DrainAsked.IsCompleted);
    }

    [Fact]
    public async Task An_unknown_hub_is_a_problem_with_its_cure_and_drains_nobody()
    {
        var answer = (await _api.PostAsync("/api/v1/hubs/hub-9/drain")).IsProblem(404);

        Assert.Contains("'hub-9'", answer["detail"], StringComparison.Ordinal);
        Assert.Contains("hubs list", answer["detail"], StringComparison.Ordinal);
        Assert.False(_api.Hub.DrainAsked.IsCompleted);
    }

    [Fact]
    public async Task Two_hubs_of_one_name_are_a_conflict()
    {
        // a hub without a silo hears no more of others, and knows those of the last moment
        await _api.Silo.StopAsync();
        _api.Hubs.Update([_api.Hub.View with { InstanceId = "another" }]);

        (await _api.PostAsync("/api/v1/hubs/hub-1/drain")).IsProblem(409);

        Assert.False(_api.Hub.DrainAsked.IsCompleted);
    }

    [Fact]
    public async Task Status_shows_the_cluster()
    {
        await _api.PutAsync("/api/v1/edges/a", """{ "secret": "correct horse" }""");

        var cluster = (await _api.GetAsync("/api/v1/status")).Json.GetProperty("cluster");

        Assert.Equal("hub-1", Assert.Single(cluster.GetProperty("hubs").EnumerateArray()).GetProperty("hubId").GetString());
        Assert.Equal(1, cluster.GetProperty("registeredEdges").GetInt32());
        Assert.Empty(cluster.GetProperty("edges").EnumerateArray());
    }

    [Fact]
    public async Task Hubs_need_the_token()
    {
        _api.Http.DefaultRequestHeaders.Authorization = null;

        Assert.Equal(401, (await _api.GetAsync("/api/v1/hubs")).Status);
        Assert.Equal(401, (await _api.PostAsync("/api/v1/hubs/hub-1/drain")).Status);
        Assert.False(_api.Hub.DrainAsked.IsCompleted);
    }
}
