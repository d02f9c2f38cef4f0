using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RemoteIngress.Contracts;
using RemoteIngress.Hub;
using RemoteIngress.Hub.Cluster;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Silo;
using RemoteIngress.Testing.Redis;

namespace RemoteIngress.Client.Tests;

/// <summary>The client over real connections: a redis-server of its own, and a silo that is found through it.</summary>
public sealed class RemoteIngressClientTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    // a call that nobody gives up takes 30 s
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(8);

    private SiloHost _silo = null!;
    private ServiceProvider _services = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IRemoteIngressClient Client => _services.GetRequiredService<IRemoteIngressClient>();

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        _silo = NewSilo();
        _services = new ServiceCollection()
            .AddRemoteIngressClient(options => (options.Redis, options.Timeout) = (_redis.ConnectionString, TimeSpan.FromMinutes(1)))
            .BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _silo.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_list_is_reconciled_read_and_changed_edge_by_edge()
    {
        await _silo.StartAsync(Token);

        var result = await Client.UpdateAllowedEdgesAsync([NewEdge("a", 80), NewEdge("b", 81)], Token);
        Assert.Equal(["a", "b"], result.Created);
        Assert.Equal(["a", "b"], (await Client.UpdateAllowedEdgesAsync([NewEdge("a", 80), NewEdge("b", 81)], Token)).Unchanged);
        Assert.Equal(EdgeChangeOutcome.Updated, (await Client.UpsertEdgeAsync(NewEdge("a", 90), Token)).Outcome);
        Assert.Equal(EdgeChangeOutcome.Removed, (await Client.RemoveEdgeAsync("b", Token)).Outcome);
        Assert.Null(await Client.GetEdgeAsync("b", Token));
        Assert.Equal([90], (await Client.GetEdgeAsync("a", Token))!.Settings.ListenPorts);
        Assert.Equal(["a"], (await Client.ListEdgesAsync(Token)).Select(edge => edge.Id));
        var rotation = await Client.RotateSecretAsync("a", cancellationToken: Token);
        Assert.True(await _silo.Edges.VerifySecretAsync("a", rotation!.Secret, Token));
        Assert.Null(await Client.RotateSecretAsync("nobody", cancellationToken: Token));
    }

    [Fact]
    public async Task An_invalid_list_comes_back_with_every_error()
    {
        await _silo.StartAsync(Token);

        var result = await Client.UpdateAllowedEdgesAsync([NewEdge("a", 0), NewEdge("a b", 1)], Token);

        Assert.False(result.Succeeded);
        Assert.Equal(["[0].listenPorts[0]", "[1].id"], result.Errors.Select(error => error.Path));
    }

    [Fact]
    public async Task It_may_be_there_before_the_first_hub()
    {
        var early = Client.UpdateAllowedEdgesAsync([NewEdge("a", 80)], Token);

        await _silo.StartAsync(Token);

        Assert.Equal(["a"], (await early).Created);
    }

    [Fact]
    public async Task It_outlives_a_hub()
    {
        await _silo.StartAsync(Token);
        await Client.UpsertEdgeAsync(NewEdge("a", 80), Token);
        await _silo.DisposeAsync();
        _silo = NewSilo();
        await _silo.StartAsync(Token);

        EdgeView? view = null;
        while (view is null)
        {
            Token.ThrowIfCancellationRequested();
            try
            {
                view = await Client.GetEdgeAsync("a", Token);
            }
            catch (RegistryUnavailableException)
            {
                // the old gateway is not forgotten yet
            }
        }

        Assert.Equal([80], view.Settings.ListenPorts);
    }

    [Fact]
    public async Task Without_a_hub_a_call_ends_with_one_clear_exception()
    {
        await using var services = new ServiceCollection()
            .AddRemoteIngressClient(options => (options.Redis, options.Timeout) = (_redis.ConnectionString, TimeSpan.FromSeconds(1)))
            .BuildServiceProvider();

        var error = await Assert.ThrowsAsync<RegistryUnavailableException>(
            () => services.GetRequiredService<IRemoteIngressClient>().GetEdgeAsync("a", Token));

        Assert.StartsWith("no hub was found", error.Message);
    }

    [Fact]
    public async Task Tokens_hubs_and_status_come_from_the_cluster()
    {
        await _silo.StartAsync(Token);
        await Client.UpsertEdgeAsync(NewEdge("a", 80), Token);
        var rotation = await Client.RotateSecretAsync("a", TimeSpan.FromHours(1), Token);

        var token = await Client.IssueTokenAsync("a", rotation!.Secret, cancellationToken: Token);
        var named = await Client.IssueTokenAsync("a", rotation.Secret, ["hub.example.net:443"], Token);
        var status = await Client.GetStatusAsync(Token);

        Assert.Equal(EdgeTokenOutcome.Issued, token.Outcome);
        Assert.Equal(EdgeTokenOutcome.Issued, named.Outcome);
        Assert.NotEqual(token.Token, named.Token);
        Assert.Equal(EdgeTokenOutcome.WrongSecret, (await Client.IssueTokenAsync("a", "correct horse", cancellationToken: Token)).Outcome);
        Assert.Equal(EdgeTokenOutcome.NotFound, (await Client.IssueTokenAsync("b", "correct horse", cancellationToken: Token)).Outcome);
        Assert.Equal(["hub-1"], (await Client.ListHubsAsync(Token)).Select(hub => hub.HubId));
        Assert.Equal(["hub-1"], status.Hubs.Select(hub => hub.HubId));
        Assert.Equal(["a"], status.Edges.Select(edge => edge.Id));
        Assert.Equal((0, 0), (status.ConnectedEdges, status.UpToDateEdges));
    }

    [Fact]
    public async Task Status_counts_who_is_connected_and_who_has_the_newest_configuration()
    {
        await _silo.StartAsync(Token);
        await Client.UpdateAllowedEdgesAsync([NewEdge("a", 80), NewEdge("b", 80), NewEdge("c", 80)], Token);
        foreach (var (id, behind) in new[] { ("a", 0), ("b", 1) })
        {
            var generation = (await Client.GetEdgeAsync(id, Token))!.Generation - behind;
            await _silo.Registry.ReportPresenceAsync(id, new EdgePresence { HubId = "hub-1", InstanceId = "i", Connected = true, At = DateTimeOffset.UtcNow }, Token);
            await _silo.Registry.AcknowledgeAsync(
                id, new EdgeAcknowledgement { HubId = "hub-1", InstanceId = "i", Generation = generation, At = DateTimeOffset.UtcNow }, Token);
        }

        var status = await Client.GetStatusAsync(Token);

        Assert.Equal((2, 1), (status.ConnectedEdges, status.UpToDateEdges));
    }

    [Fact]
    public async Task A_watch_tells_of_edges_and_presence_and_outlives_a_hub()
    {
        await _silo.StartAsync(Token);
        await Client.UpsertEdgeAsync(NewEdge("a", 80), Token);
        await using var watch = Client.WatchAsync(Token).GetAsyncEnumerator(Token);
        Assert.Equal((EdgeEventKind.Listed, "a"), await NextAsync(watch));

        await Client.UpsertEdgeAsync(NewEdge("b", 80), Token);
        Assert.Equal((EdgeEventKind.Created, "b"), await NextAsync(watch));
        await _silo.Registry.ReportPresenceAsync("b", new EdgePresence { HubId = "hub-1", InstanceId = "i", Connected = true, At = DateTimeOffset.UtcNow }, Token);
        Assert.Equal((EdgeEventKind.PresenceChanged, "b"), await NextAsync(watch));

        // an observer of Orleans would be gone with the hub that knew of it
        await _silo.DisposeAsync();
        _silo = NewSilo();
        await _silo.StartAsync(Token);
        await _silo.Edges.RemoveAsync("a", Token);
        var seen = new List<(EdgeEventKind, string)>();
        while (!seen.Contains((EdgeEventKind.Removed, "a")))
        {
            seen.Add(await NextAsync(watch));
        }

        // with the hub went what it had observed, and nothing else is told
        Assert.All(seen, change => Assert.Contains(change, new[] { (EdgeEventKind.PresenceChanged, "b"), (EdgeEventKind.Removed, "a") }));
    }

    [Fact]
    public async Task Without_redis_a_change_fails_soon_and_says_what_to_look_at_and_works_soon_after_its_return()
    {
        await _silo.StartAsync(Token);
        await Client.UpsertEdgeAsync(NewEdge("a", 80), Token);
        await _redis.StopAsync();

        Func<Task>[] changes =
        [
            () => Client.UpsertEdgeAsync(NewEdge("a", 81), Token), () => Client.UpdateAllowedEdgesAsync([NewEdge("b", 81)], Token),
            () => Client.RemoveEdgeAsync("a", Token), () => Client.RotateSecretAsync("a", cancellationToken: Token),
        ];
        foreach (var change in changes)
        {
            var clock = Stopwatch.StartNew();
            var error = await Assert.ThrowsAsync<RegistryUnavailableException>(change);
            Assert.True(clock.Elapsed < Soon, $"took {clock.ElapsedMilliseconds} ms");
            Assert.Contains("check that Redis runs", error.Message, StringComparison.Ordinal);
        }

        await _redis.StartAsync();
        var back = Stopwatch.StartNew();
        await RemoteIngress.Testing.Poll.UntilAsync("changes work again", _ => SucceedsAsync(() => Client.UpsertEdgeAsync(NewEdge("a", 81), Token)), Token);
        Assert.True(back.Elapsed < Soon, $"took {back.ElapsedMilliseconds} ms");
    }

    [Fact]
    public async Task Wrong_options_stop_the_start_with_every_mistake()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddRemoteIngressClient(options => (options.ClusterId, options.Timeout) = ("a b", TimeSpan.Zero));
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Equal(3, error.Failures.Count());
    }

    private static async Task<(EdgeEventKind Kind, string EdgeId)> NextAsync(IAsyncEnumerator<EdgeEvent> watch)
    {
        Assert.True(await watch.MoveNextAsync());
        return (watch.Current.Kind, watch.Current.EdgeId);
    }

    private static async Task<bool> SucceedsAsync(Func<Task> change)
    {
        try
        {
            await change();
            return true;
        }
        catch (RegistryUnavailableException)
        {
            return false;
        }
    }

    private SiloHost NewSilo()
    {
        var supervisor = RemoteIngress.Testing.Transport.Supervisors.Create();
        var hubs = new HubDirectory(new IdleHub(), supervisor, TimeProvider.System);
        hubs.OwnChanged();
        return new SiloHost(
            new HubOptions { HubId = "hub-1", Redis = _redis.ConnectionString }, new DeafSink(), hubs, NullLoggerFactory.Instance, TimeProvider.System, supervisor);
    }

    private static AllowedEdge NewEdge(string id, params int[] ports) => new() { Id = id, Secret = "correct horse", ListenPorts = [.. ports] };

    private sealed class IdleHub : ILocalHub
    {
        public string HubId => "hub-1";

        public string InstanceId => "run-1";

        public HubView Describe() => new() { HubId = HubId, InstanceId = InstanceId, State = HubView.Ready, Advertise = "hub.example.org:8443" };

        public ImmutableArray<HeldEdge> HeldEdges() => [];

        public void RequestDrain()
        {
            // nobody asks this one
        }
    }

    private sealed class DeafSink : IEdgeChangeSink
    {
        public void Changed(EdgeRecord record)
        {
            // this hub has no tunnels
        }

        public void Removed(string edgeId, long generation)
        {
            // this hub has no tunnels
        }

        public EdgeRecord? Known(string edgeId) => null;

        public IReadOnlyCollection<(string EdgeId, long Generation)> LiveEdges() => [];
    }
}
