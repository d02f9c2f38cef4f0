using RemoteIngress.Hub.Limits;
using RemoteIngress.Hub.Tests.Forwarding;
using RemoteIngress.Hub.Tunnels;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing;

namespace RemoteIngress.Hub.Tests.Tunnels;

/// <summary>Each bound of a hub: what is beyond is refused with the right word, counted by the option's name, and a place that is free again is free.</summary>
public sealed class LimitTests
{
    private const int PublicPort = 443;

    [Fact]
    public async Task More_tunnels_than_one_edge_may_have_are_told_when_to_come_back_and_another_edge_gets_in()
    {
        await using var hub = await StartAsync(directory: new DirectoryLimits { MaxTunnelsPerEdge = 2 });
        hub.Registry.Set(FakeRegistry.Record("edge-2", TestHub.Secret, 1, null));
        var first = await hub.ConnectAsync("i-1");
        await using var second = await hub.ConnectAsync("i-2");

        var refused = await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync("i-3"));

        AssertBusy(hub, refused, HubLimit.TunnelsPerEdge, "maxTunnelsPerEdge (2) is reached");
        await using var other = await hub.ConnectAsync("i-1", edgeId: "edge-2");
        await first.DisposeAsync();
        await Poll.UntilAsync("its place is free", () => hub.Directory.Snapshot().Count == 2, Timeouts.Token());
        await using var third = await hub.ConnectAsync("i-3");
        Assert.Equal(1, (await third.ConfigAsync()).Generation);
    }

    [Fact]
    public async Task An_edge_at_its_bound_replaces_its_own_stale_tunnel()
    {
        await using var hub = await StartAsync(directory: new DirectoryLimits { MaxTunnelsPerEdge = 1, MaxInstancesPerEdge = 1, MaxTunnels = 1 });
        await using var stale = await hub.ConnectAsync("i-1", attempt: 1);

        await using var next = await hub.ConnectAsync("i-1", attempt: 2);

        Assert.Equal(1, (await next.ConfigAsync()).Generation);
        Assert.Equal(TunnelEndReason.Replaced, (await hub.NextAsync<HubEvent.Ended>()).Reason);
    }

    [Fact]
    public async Task More_instances_than_one_edge_may_have_are_refused()
    {
        await using var hub = await StartAsync(directory: new DirectoryLimits { MaxInstancesPerEdge = 1 });
        await using var first = await hub.ConnectAsync("i-1");
        await using var sameInstance = await hub.ConnectAsync("i-1");

        var refused = await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync("i-2"));

        AssertBusy(hub, refused, HubLimit.InstancesPerEdge, "maxInstancesPerEdge (1) is reached");
    }

    [Fact]
    public async Task More_tunnels_than_the_hub_may_have_are_refused()
    {
        await using var hub = await StartAsync(directory: new DirectoryLimits { MaxTunnels = 1 });
        hub.Registry.Set(FakeRegistry.Record("edge-2", TestHub.Secret, 1, null));
        await using var first = await hub.ConnectAsync();

        var refused = await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync(edgeId: "edge-2"));

        AssertBusy(hub, refused, HubLimit.Tunnels, "maxTunnels (1) is reached");
        Assert.Equal(["edge-1"], hub.Directory.Snapshot().Select(edge => edge.EdgeId));
    }

    [Theory]
    [InlineData("maxStreamsPerEdge")]
    [InlineData("maxStreams")]
    [InlineData("maxStreamsPerTunnel")]
    [InlineData("descriptors")]
    public async Task More_streams_than_a_bound_are_reset_and_the_others_go_on(string limit)
    {
        using var target = new RawTarget();
        await using var hub = await StartAsync(
            limit == "maxStreamsPerEdge" ? new DirectoryLimits { MaxStreamsPerEdge = 1 } : null,
            options => limit switch
            {
                "maxStreams" => options with { MaxStreams = 1 },
                "maxStreamsPerTunnel" => options with { Tunnel = options.Tunnel with { MaxStreams = 1 } },
                _ => options,
            });
        hub.Allow(1, (PublicPort, new Contracts.PortOptions { Target = $"127.0.0.1:{target.Port}", ProxyProtocol = "none" }));
        await using var edge = await hub.ConnectAsync();
        await using var sameEdge = await hub.ConnectAsync("i-2");
        var first = await edge.OpenStreamAsync(PublicPort);
        using var served = await target.AcceptAsync();
        await edge.NextAsync(FrameType.Opened, first);
        if (limit == "descriptors")
        {
            hub.Files.Limit = 1;
        }

        var asker = limit == "maxStreamsPerTunnel" ? edge : sameEdge;
        var beyond = await asker.OpenStreamAsync(PublicPort);

        Assert.Equal(StreamEndReason.LimitReached, await asker.ResetAsync(beyond));
        Assert.Equal(1, hub.Counts.LimitsMet()[limit]);
        Assert.Equal(1, hub.Counts.StreamsEnded()["limit_reached"]);
        Assert.Equal(TestHub.EdgeId, (await hub.NextAsync<HubEvent.StreamsRefused>()).EdgeId);
        await edge.SendDataAsync(first, "still served");
        Assert.Equal("still served", await RawTarget.ReadTextAsync(served, 12));
        hub.Files.Limit = int.MaxValue;
        await edge.SendAsync(first, FrameType.Close, []);
        served.Close();
        await edge.NextAsync(FrameType.CloseBack, first);
        await Poll.UntilAsync("its place is free", () => hub.Server.Streams.Count == 0, Timeouts.Token());
        var next = await asker.OpenStreamAsync(PublicPort);
        using var servedNext = await target.AcceptAsync();
        await asker.NextAsync(FrameType.Opened, next);
    }

    [Fact]
    public async Task Streams_of_ports_that_are_none_take_no_place()
    {
        await using var hub = await StartAsync(configure: options => options with { MaxStreams = 1 });
        await using var edge = await hub.ConnectAsync();

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(StreamEndReason.PortRemoved, await edge.ResetAsync(await edge.OpenStreamAsync(PublicPort)));
        }

        Assert.Equal(0, hub.Server.Streams.Count);
    }

    [Fact]
    public async Task Strangers_are_turned_away_when_only_reserved_descriptors_are_left()
    {
        await using var hub = await StartAsync();
        hub.Files.Limit = 1;

        await Assert.ThrowsAnyAsync<IOException>(() => hub.ConnectAsync());

        Assert.Equal(1, hub.Counts.LimitsMet()["descriptors"]);
        Assert.Equal(1, hub.Counts.Refusals()["busy"]);
        hub.Files.Limit = int.MaxValue;
        await using var edge = await hub.ConnectAsync();
        Assert.Equal(1, (await edge.ConfigAsync()).Generation);
    }

    [Fact]
    public async Task An_address_that_fails_too_often_has_to_wait_and_that_is_counted()
    {
        await using var hub = await StartAsync(configure: options => options with { FreeAuthFailures = 0, MaxAuthDelay = TimeSpan.FromMilliseconds(1) });
        await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync(secret: "wrong"));
        Assert.Empty(hub.Counts.LimitsMet());

        await using var edge = await hub.ConnectAsync();

        Assert.Equal(1, hub.Counts.LimitsMet()["freeAuthFailures"]);
    }

    [Fact]
    public async Task More_bytes_than_allowed_before_authentication_end_the_connection()
    {
        await using var hub = await StartAsync(configure: options => options with { Tunnel = options.Tunnel with { PreAuthBytes = 100 } });

        var rejected = await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync());

        Assert.Equal(RejectCode.ProtocolError, rejected.Code);
        Assert.Equal(1, hub.Counts.Refusals()["pre_auth_limit"]);
    }

    private static async Task<TestHub> StartAsync(DirectoryLimits? directory = null, Func<TunnelServerOptions, TunnelServerOptions>? configure = null)
    {
        var hub = await TestHub.StartAsync(configure: options =>
        {
            var with = options with { Directory = directory ?? DirectoryLimits.Default };
            return configure?.Invoke(with) ?? with;
        });
        hub.Allow();
        return hub;
    }

    private static void AssertBusy(TestHub hub, WireRejectedException refused, HubLimit limit, string message)
    {
        Assert.Equal(RejectCode.Busy, refused.Code);
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(5, refused.RetryAfterSeconds);
        Assert.Equal(1, hub.Counts.LimitsMet()[limit.Tag()]);
        Assert.Equal(1, hub.Counts.Refusals()["busy"]);
        Assert.Empty(hub.Counts.TunnelsEnded());
    }
}
