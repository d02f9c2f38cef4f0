using System.Collections.Concurrent;
using System.Net.Http.Json;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Tests.Forwarding;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing;

namespace RemoteIngress.Hub.Tests.Tunnels;

/// <summary>The whole hub: silo, registry, tunnels, API.</summary>
public sealed class RemoteIngressHubTests
{
    [Fact]
    public async Task A_change_of_the_registry_reaches_a_connected_edge()
    {
        using var target = new RawTarget();
        await using var hub = new RemoteIngressHub(Options(Edge(target.Port)));
        await hub.StartAsync(Timeouts.Token());
        await using var edge = await ConnectAsync(hub);
        var first = await edge.ConfigAsync();
        await edge.NextAsync(FrameType.Opened, await edge.OpenStreamAsync(target.Port));

        var result = await hub.UpdateAllowedEdgesAsync([Edge(target.Port, 8081)], Timeouts.Token());

        Assert.Equal([TestHub.EdgeId], result.Updated);
        var second = await edge.ConfigAsync();
        Assert.Equal([target.Port, 8081], second.ListenPorts);
        Assert.True(second.Generation > first.Generation);
        var connected = Assert.Single(hub.GetStatus().ConnectedEdges);
        Assert.Equal((TestHub.EdgeId, second.Generation, 1), (connected.EdgeId, connected.Generation, connected.ActiveStreams));

        await hub.UpdateAllowedEdgesAsync([], Timeouts.Token());
        await edge.ReadToCloseAsync();
        await Assert.ThrowsAsync<WireRejectedException>(() => ConnectAsync(hub));
    }

    [Fact]
    public async Task A_new_secret_ends_the_tunnels_of_the_old_one()
    {
        await using var hub = new RemoteIngressHub(Options(Edge(8080)));
        await hub.StartAsync(Timeouts.Token());
        await using var edge = await ConnectAsync(hub);

        await hub.UpdateAllowedEdgesAsync([Edge(8080) with { Secret = "another secret" }], Timeouts.Token());

        await edge.ReadToCloseAsync();
        await using var again = await WireEdge.ConnectAsync(hub.TunnelPort, TestHub.EdgeId, "another secret", "i-1", Timeouts.Token());
    }

    [Fact]
    public async Task Two_hubs_live_in_one_process_and_the_api_shows_its_own()
    {
        await using var one = new RemoteIngressHub(Options(Edge(8080)));
        await using var two = new RemoteIngressHub(Options(Edge(9090)));
        await one.StartAsync(Timeouts.Token());
        await two.StartAsync(Timeouts.Token());
        await using var edge = await ConnectAsync(one);
        await using var other = await ConnectAsync(two);
        Assert.Equal([8080], (await edge.ConfigAsync()).ListenPorts);
        Assert.Equal([9090], (await other.ConfigAsync()).ListenPorts);

        using var http = new HttpClient();
        var status = await http.GetFromJsonAsync<HubStatus>(new Uri(two.AdminUrl!, "/api/v1/status"), Timeouts.Token());
        Assert.True(status!.Running);
        Assert.Equal(two.TunnelPort, status.TunnelPort);
        Assert.Single(status.ConnectedEdges);
        var metrics = await http.GetStringAsync(new Uri(two.AdminUrl!, "/metrics"), Timeouts.Token());
        Assert.Contains("remoteingress_hub_tunnels", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hub_that_is_drained_by_its_api_stops_when_its_last_connection_has_ended_and_can_be_started_again()
    {
        using var target = new RawTarget();
        await using var hub = new RemoteIngressHub(Options(Edge(target.Port)));
        await hub.StartAsync(Timeouts.Token());
        await using var edge = await ConnectAsync(hub);
        var stream = await edge.OpenStreamAsync(target.Port);
        await edge.NextAsync(FrameType.Opened, stream);
        var drained = hub.Drained;
        using var http = new HttpClient();

        using var answer = await http.PostAsync(new Uri(hub.AdminUrl!, $"/api/v1/hubs/{hub.GetStatus().HubId}/drain"), null, Timeouts.Token());

        Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        await edge.NextAsync(FrameType.GoAway);
        Assert.False(drained.IsCompleted);
        await edge.SendAsync(stream, FrameType.Reset, [0, 0, 0, 1]);
        await drained.WaitAsync(Timeouts.Token());
        Assert.False(hub.GetStatus().Running);
        await hub.StartAsync(Timeouts.Token());
        Assert.False(hub.Drained.IsCompleted);
    }

    [Fact]
    public async Task A_stopped_hub_can_be_asked_and_started_again()
    {
        await using var hub = new RemoteIngressHub(Options(Edge(8080)));
        Assert.False(hub.GetStatus().Running);
        await hub.StartAsync(Timeouts.Token());
        await Assert.ThrowsAsync<InvalidOperationException>(() => hub.StartAsync(Timeouts.Token()));
        await hub.StopAsync(Timeouts.Token());
        await hub.StopAsync(Timeouts.Token());
        Assert.False(hub.GetStatus().Running);
        Assert.Null(hub.AdminUrl);

        await hub.StartAsync(Timeouts.Token());
        await using var edge = await ConnectAsync(hub);

        Assert.Equal([8080], (await edge.ConfigAsync()).ListenPorts);
        Assert.False(hub.Faulted.IsCompleted);
    }

    [Fact]
    public async Task What_cannot_start_says_why_and_leaves_nothing_behind()
    {
        await using var hub = new RemoteIngressHub(Options(Edge(8080)));
        await hub.StartAsync(Timeouts.Token());
        var options = Options(Edge(8080));
        options.TunnelPort = hub.TunnelPort;
        await using var second = new RemoteIngressHub(options);

        var error = await Assert.ThrowsAsync<HubStartException>(() => second.StartAsync(Timeouts.Token()));
        Assert.StartsWith($"--tunnel-port: {hub.TunnelPort} is in use", Assert.Single(error.Errors), StringComparison.Ordinal);

        await hub.StopAsync(Timeouts.Token());
        await second.StartAsync(Timeouts.Token());
        Assert.Equal(options.TunnelPort, second.TunnelPort);
    }

    [Fact]
    public async Task Every_error_of_the_options_comes_at_once()
    {
        await using var hub = new RemoteIngressHub(new HubOptions { TunnelPort = 70000, TargetHost = "a b", Loops = -1 });

        var error = await Assert.ThrowsAsync<HubStartException>(() => hub.StartAsync(Timeouts.Token()));

        Assert.Equal(3, error.Errors.Count);
    }

    [Fact]
    public async Task The_log_tells_who_came_and_why_others_were_refused_once_and_no_secret()
    {
        using var log = new LogLines();
        await using (var hub = new RemoteIngressHub(Options(Edge(8080)), log))
        {
            await hub.StartAsync(Timeouts.Token());
            await using var edge = await ConnectAsync(hub);
            for (var i = 0; i < 5; i++)
            {
                await Assert.ThrowsAsync<WireRejectedException>(
                    () => WireEdge.ConnectAsync(hub.TunnelPort, TestHub.EdgeId, "a wrong secret", "i-2", Timeouts.Token()));
            }
        }

        Assert.Single(log.Lines, line => line.Contains("authenticated", StringComparison.Ordinal) && line.Contains("instance i-1", StringComparison.Ordinal));
        Assert.Single(log.Lines, line => line.Contains("refused, bad_credentials: unknown edge id or wrong secret", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains("secret\"", StringComparison.Ordinal)
            || line.Contains(TestHub.Secret, StringComparison.Ordinal)
            || line.Contains("a wrong secret", StringComparison.Ordinal));
    }

    private static HubOptions Options(params AllowedEdge[] edges) => new()
    {
        HubId = "hub-1",
        TunnelAddress = "127.0.0.1",
        TunnelPort = 0,
        AdminUrl = "http://127.0.0.1:0",
        AllowedEdges = edges,
        Loops = 1,
        DrainTimeout = TimeSpan.Zero,
    };

    private static AllowedEdge Edge(params int[] ports) => new() { Id = TestHub.EdgeId, Secret = TestHub.Secret, ListenPorts = [.. ports] };

    private static Task<WireEdge> ConnectAsync(RemoteIngressHub hub) =>
        WireEdge.ConnectAsync(hub.TunnelPort, TestHub.EdgeId, TestHub.Secret, "i-1", Timeouts.Token());

    private sealed class LogLines : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
