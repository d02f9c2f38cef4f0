using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RemoteIngress.Contracts;
using RemoteIngress.Hub;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Silo;
using RemoteIngress.Testing.Redis;

namespace RemoteIngress.Client.Tests;

/// <summary>The client over real connections: a redis-server of its own, and a silo that is found through it.</summary>
public sealed class RemoteIngressClientTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
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
    public async Task Wrong_options_stop_the_start_with_every_mistake()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddRemoteIngressClient(options => (options.ClusterId, options.Timeout) = ("a b", TimeSpan.Zero));
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Equal(3, error.Failures.Count());
    }

    private SiloHost NewSilo() => new(
        new HubOptions { HubId = "hub-1", Redis = _redis.ConnectionString }, new DeafSink(), NullLoggerFactory.Instance, TimeProvider.System,
        RemoteIngress.Testing.Transport.Supervisors.Create());

    private static AllowedEdge NewEdge(string id, params int[] ports) => new() { Id = id, Secret = "correct horse", ListenPorts = [.. ports] };

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
