using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RemoteIngress.Contracts;
using RemoteIngress.Hub;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Redis;
using RemoteIngress.Testing.Transport;

namespace RemoteIngress.Client.Tests;

/// <summary>A client of a hub whose gateway wants a certificate.</summary>
public sealed class MutualTlsTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private ClusterPki _pki = null!;
    private RedisServer _redis = null!;
    private RemoteIngressHub _hub = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _pki = new ClusterPki(_directory.Path);
        _redis = await RedisServer.StartNewAsync();
        var (certificate, key, _) = _pki.IssueHub("hub-1");
        _hub = new RemoteIngressHub(new HubOptions
        {
            HubId = "hub-1",
            Redis = _redis.ConnectionString,
            TunnelPort = 0,
            AdminUrl = null,
            ClusterCa = _pki.Ca,
            ClusterCert = certificate,
            ClusterKey = key,
            AllowedEdges = [new AllowedEdge { Id = "a", Secret = "correct horse" }],
        });
        await _hub.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _redis.DisposeAsync();
        _pki.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task With_a_certificate_of_the_authority_it_manages_edges()
    {
        await using var services = Services(_pki.Ca, _pki.IssueClient("ops"));

        Assert.Equal(["a"], (await services.GetRequiredService<IRemoteIngressClient>().ListEdgesAsync(Token)).Select(edge => edge.Id));
    }

    [Fact]
    public async Task Without_one_or_with_that_of_another_authority_it_reaches_nobody()
    {
        using var other = new ClusterPki(_directory.Path, "other");
        await using var stranger = Services(other.Ca, other.IssueClient("stranger"), TimeSpan.FromSeconds(2));
        await using var plain = Services(null, null, TimeSpan.FromSeconds(2));

        await Task.WhenAll(new[] { stranger, plain }.Select(services => Assert.ThrowsAsync<RegistryUnavailableException>(
            () => services.GetRequiredService<IRemoteIngressClient>().GetEdgeAsync("a", Token))));
    }

    [Fact]
    public async Task Files_that_cannot_be_used_stop_the_start()
    {
        var hub = _pki.IssueHub("hub-2");
        await AssertRefusedAsync(options => options.ClusterCert = "cert.pem", "ClusterCa: give ClusterCa, ClusterCert and ClusterKey, or none of them");
        await AssertRefusedAsync(
            options => (options.ClusterCa, options.ClusterCert, options.ClusterKey) = (_pki.Ca, hub.Certificate, hub.Key), "client.remoteingress.internal");
    }

    private async Task AssertRefusedAsync(Action<RemoteIngressClientOptions> configure, string expected)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddRemoteIngressClient(options =>
        {
            options.Redis = _redis.ConnectionString;
            configure(options);
        });
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Contains(expected, Assert.Single(error.Failures));
    }

    private ServiceProvider Services(string? ca, (string Certificate, string Key, string Serial)? member, TimeSpan? timeout = null) =>
        new ServiceCollection()
            .AddRemoteIngressClient(options =>
            {
                (options.Redis, options.Timeout) = (_redis.ConnectionString, timeout ?? TimeSpan.FromMinutes(1));
                (options.ClusterCa, options.ClusterCert, options.ClusterKey) = (ca, member?.Certificate, member?.Key);
            })
            .BuildServiceProvider();
}
