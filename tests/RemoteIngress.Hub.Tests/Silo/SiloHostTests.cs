using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Cluster;
using RemoteIngress.Hub.Silo;
using RemoteIngress.Hub.Tests.Cluster;
using RemoteIngress.Hub.Tests.Registry;
using static RemoteIngress.Hub.Tests.Registry.RegistryCluster;

namespace RemoteIngress.Hub.Tests.Silo;

public sealed class SiloHostTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_embedded_hub_has_the_edges_it_was_started_with_and_hears_of_changes()
    {
        var edge = NewEdge(ports: [80]);
        var sink = new RecordingSink();
        await using var silo = NewSilo(sink, options => options.AllowedEdges = [edge]);

        await silo.StartAsync(Token);

        Assert.Equal(new RegistryStatus("memory", Healthy: true), silo.Status);
        Assert.Equal(0, silo.GatewayPort);
        Assert.Equal([80], (await silo.Registry.FindAsync(edge.Id, Token))!.Settings.ListenPorts);
        var changed = await silo.Edges.UpsertAsync(edge with { ListenPorts = [81] }, Token);
        Assert.Equal([81], (await sink.ChangedAsync(edge.Id, changed.Generation)).Record!.Settings.ListenPorts);
    }

    [Fact]
    public async Task Two_embedded_hubs_side_by_side_know_nothing_of_each_other()
    {
        var edge = NewEdge();
        await using var one = NewSilo(new RecordingSink(), options => options.AllowedEdges = [edge]);
        await using var two = NewSilo(new RecordingSink());

        await one.StartAsync(Token);
        await two.StartAsync(Token);

        Assert.NotEqual(one.SiloPort, two.SiloPort);
        Assert.NotNull(await one.Registry.FindAsync(edge.Id, Token));
        Assert.Null(await two.Registry.FindAsync(edge.Id, Token));
    }

    [Fact]
    public async Task A_stopped_silo_cannot_be_asked_and_says_so()
    {
        await using var silo = NewSilo(new RecordingSink());
        Assert.False(silo.Status.Healthy);
        await silo.StartAsync(Token);
        Assert.True(silo.Status.Healthy);

        await silo.StopAsync();
        await silo.StopAsync();

        Assert.False(silo.Status.Healthy);
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => silo.Registry.FindAsync("edge", Token));
    }

    [Fact]
    public async Task A_silo_port_that_is_taken_is_one_clear_line()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        await using var silo = NewSilo(new RecordingSink(), options => options.SiloPort = port);

        var error = await Assert.ThrowsAsync<HubStartException>(() => silo.StartAsync(Token));

        Assert.Equal($"--silo-port: {port} is in use by another program; choose another one, or 0 for a free one", Assert.Single(error.Errors));
    }

    [Fact]
    public async Task Edges_that_are_refused_stop_the_start_with_every_error()
    {
        await using var silo = NewSilo(new RecordingSink(), options => options.AllowedEdges = [NewEdge(secret: null), NewEdge(ports: [0])]);

        var error = await Assert.ThrowsAsync<HubStartException>(() => silo.StartAsync(Token));

        Assert.Equal("--allowed-edges: [1].listenPorts[0]: 0 is not a port; give 1 to 65535", Assert.Single(error.Errors));
    }

    internal static SiloHost NewSilo(RecordingSink sink, Action<HubOptions>? configure = null)
    {
        var options = new HubOptions { HubId = "hub-1" };
        configure?.Invoke(options);
        var supervisor = RemoteIngress.Testing.Transport.Supervisors.Create();
        var hubs = new HubDirectory(new FakeHub(options.HubId), supervisor, TimeProvider.System);
        return new SiloHost(options, sink, hubs, NullLoggerFactory.Instance, TimeProvider.System, supervisor);
    }
}
