using RemoteIngress.Contracts;
using RemoteIngress.Hub.Tunnels;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing;
using RemoteIngress.Transport.Handshake;

namespace RemoteIngress.Hub.Tests.Tunnels;

public sealed class PushTests
{
    [Fact]
    public async Task A_change_reaches_each_instance_over_one_of_its_tunnels()
    {
        await using var hub = await TestHub.StartAsync();
        var record = hub.Allow(1, (80, null));
        await using var first = await hub.ConnectAsync("a");
        Assert.Equal(1, (await first.ConfigAsync()).Generation);
        await using var second = await hub.ConnectAsync("a");
        await using var other = await hub.ConnectAsync("b");
        Assert.Equal(1, (await other.ConfigAsync()).Generation);

        hub.Directory.Changed(record with { Generation = 5, Settings = new EdgeSettings { ListenPorts = [80, 81] } });

        Assert.Equal([80, 81], (await first.ConfigAsync()).ListenPorts);
        Assert.Equal([80, 81], (await other.ConfigAsync()).ListenPorts);
        Assert.False(await second.HasConfigAsync());
        Assert.All(hub.Directory.Snapshot(), edge => Assert.Equal(5, edge.Generation));
    }

    [Fact]
    public async Task Other_hubs_are_told_to_each_instance_once_with_the_generation_in_force()
    {
        var hubs = new HubList(["a:1"], 1);
        await using var hub = await TestHub.StartAsync(configure: options => options with { Hubs = () => hubs });
        var record = hub.Allow(1, (80, null));
        await using var first = await hub.ConnectAsync("a");
        Assert.Equal(["a:1"], (await first.ConfigAsync()).Hubs);
        await using var second = await hub.ConnectAsync("a");
        await using var other = await hub.ConnectAsync("b");
        await other.ConfigAsync();

        hubs = new HubList(["a:1", "b:1"], 2);
        hub.Directory.HubsChanged();

        var config = await first.ConfigAsync();
        Assert.Equal((1, 2L), (config.Generation, config.HubsVersion));
        Assert.Equal(["a:1", "b:1"], config.Hubs);
        Assert.Equal(["a:1", "b:1"], (await other.ConfigAsync()).Hubs);
        Assert.False(await second.HasConfigAsync());
        hub.Directory.HubsChanged();
        Assert.False(await first.HasConfigAsync());

        await using var late = await hub.ConnectAsync("c");
        Assert.Equal(["a:1", "b:1"], (await late.ConfigAsync()).Hubs);
        hub.Directory.Changed(record with { Generation = 5 });
        Assert.Equal((5, 2L), (await first.ConfigAsync()) is var changed ? (changed.Generation, changed.HubsVersion) : default);
    }

    [Fact]
    public async Task An_older_or_equal_generation_changes_nothing()
    {
        await using var hub = await TestHub.StartAsync();
        var record = hub.Allow(5, (80, null));
        await using var edge = await hub.ConnectAsync();
        await edge.ConfigAsync();

        hub.Directory.Changed(record with { Generation = 5 });
        hub.Directory.Changed(record with { Generation = 4 });
        hub.Directory.Removed(TestHub.EdgeId, 5);

        Assert.False(await edge.HasConfigAsync());
        Assert.Equal((TestHub.EdgeId, 5L), Assert.Single(hub.Directory.LiveEdges()));
    }

    [Fact]
    public async Task What_the_carrier_did_not_live_to_be_acknowledged_is_said_again()
    {
        await using var hub = await TestHub.StartAsync();
        var record = hub.Allow(1, (80, null));
        var first = await hub.ConnectAsync();
        await first.ConfigAsync();
        await using var second = await hub.ConnectAsync();
        hub.Directory.Changed(record with { Generation = 2 });
        await first.ConfigAsync();

        await first.DisposeAsync();

        Assert.Equal(2, (await second.ConfigAsync()).Generation);
        hub.Directory.Changed(record with { Generation = 3 });
        Assert.Equal(3, (await second.ConfigAsync()).Generation);
    }

    [Fact]
    public async Task An_acknowledgement_comes_over_any_tunnel_and_reaches_the_registry()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow(3, (80, null));
        await using var first = await hub.ConnectAsync();
        await using var second = await hub.ConnectAsync();
        await first.ConfigAsync();

        await second.SendAsync(FrameType.ConfigAck, ControlCodec.Encode(new ConfigAck
        {
            Generation = 3,
            Ports = [new Protocol.Control.PortResult { Port = 80, Protocol = "tcp", Ok = false, Error = "in use" }],
        }));

        var told = await hub.Registry.Acknowledgements.ReadAsync(Timeouts.Token());
        Assert.Equal(("hub-1", "i-1", 3L), (told.HubId, told.InstanceId, told.Generation));
        Assert.Equal(new Contracts.PortResult(80, "tcp", false, "in use"), Assert.Single(told.Ports));
        Assert.Equal(3, Assert.Single(hub.Directory.Snapshot()).AcknowledgedGeneration);
    }

    [Fact]
    public async Task The_status_of_an_edge_shows_its_public_address_and_round_trip()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow(3, (80, null));
        await using var edge = await hub.ConnectAsync();
        var before = Assert.Single(hub.Directory.Snapshot());
        await edge.SendAsync(FrameType.Status, ControlCodec.Encode(new EdgeStatusReport
        {
            PublicIp = "198.51.100.4",
            Software = "wire-edge",
            ActiveStreams = 7,
            ActiveUdpSessions = 9,
        }));
        Assert.True(await edge.HasConfigAsync());

        var status = Assert.Single(hub.Directory.Snapshot());
        Assert.Equal((null, null, null), (before.PublicIp, before.Software, before.Report));
        Assert.Equal("wire-edge", status.Software);
        Assert.Equal((7, 9), (status.Report!.ActiveStreams, status.Report.ActiveUdpSessions));

        Assert.Equal("198.51.100.4", status.PublicIp);
        Assert.StartsWith("127.0.0.1:", status.RemoteAddress, StringComparison.Ordinal);
        Assert.Equal("tcpTls", status.Transport);
    }

    [Fact]
    public async Task A_reconnect_of_an_instance_replaces_its_stale_tunnel_at_once_and_no_other_instances()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow(1, (80, null));
        await using var stale = await hub.ConnectAsync("a", attempt: 1);
        await using var other = await hub.ConnectAsync("b", attempt: 1);

        await using var fresh = await hub.ConnectAsync("a", attempt: 2);

        await stale.ReadToCloseAsync();
        Assert.Equal(TunnelEndReason.Replaced, (await hub.NextAsync<HubEvent.Ended>()).Reason);
        Assert.Equal(["a", "b"], hub.Directory.Snapshot().Select(edge => edge.InstanceId).Order());
    }

    [Fact]
    public async Task What_replaces_a_stale_tunnel_is_told_the_configuration_anew_although_the_instance_had_acknowledged_it()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow(3, (80, null));
        await using var stale = await hub.ConnectAsync("a", attempt: 1);
        await stale.ConfigAsync();
        await stale.SendAsync(FrameType.ConfigAck, ControlCodec.Encode(new ConfigAck { Generation = 3, Ports = [] }));
        await hub.Registry.Acknowledgements.ReadAsync(Timeouts.Token());

        // a process of the same name that was started after a machine had lost its power
        await using var fresh = await hub.ConnectAsync("a", attempt: 2);

        Assert.Equal(3, (await fresh.ConfigAsync()).Generation);
    }

    [Fact]
    public async Task Removing_an_edge_ends_its_tunnels_and_adding_it_again_takes_them_back()
    {
        await using var hub = await TestHub.StartAsync();
        var record = hub.Allow(1, (80, null));
        await using var edge = await hub.ConnectAsync();
        await using var second = await hub.ConnectAsync();

        hub.Directory.Removed(TestHub.EdgeId, 2);

        await edge.ReadToCloseAsync();
        await second.ReadToCloseAsync();
        Assert.Equal(TunnelEndReason.EdgeRemoved, (await hub.NextAsync<HubEvent.Ended>()).Reason);
        Assert.True((await hub.Registry.Presences.ReadAsync(Timeouts.Token())).Connected);
        Assert.False((await hub.Registry.Presences.ReadAsync(Timeouts.Token())).Connected);
        hub.Registry.Set(record with { Generation = 3 });
        await using var again = await hub.ConnectAsync();
        Assert.Equal(3, (await again.ConfigAsync()).Generation);
    }

    [Fact]
    public async Task A_changed_secret_ends_the_tunnels_that_used_the_old_one_and_no_others()
    {
        await using var hub = await TestHub.StartAsync();
        var both = hub.Registry.Set(FakeRegistry.Record(TestHub.EdgeId, "new secret", 1, null, TestHub.Secret));
        await using var old = await hub.ConnectAsync("a");
        await using var young = await hub.ConnectAsync("a", secret: "new secret");
        await old.ConfigAsync();

        hub.Directory.Changed(both with { Generation = 2, Verifiers = [both.Verifiers[0]] });

        await old.ReadToCloseAsync();
        Assert.Equal(TunnelEndReason.SecretChanged, (await hub.NextAsync<HubEvent.Ended>()).Reason);
        Assert.Equal(2, (await young.ConfigAsync()).Generation);
    }

    [Fact]
    public async Task The_old_secret_of_a_rotation_ends_at_its_time()
    {
        await using var hub = await TestHub.StartAsync();
        var both = hub.Registry.Set(FakeRegistry.Record(TestHub.EdgeId, "new secret", 1, null, TestHub.Secret));
        await using var old = await hub.ConnectAsync("a");
        await using var young = await hub.ConnectAsync("b", secret: "new secret");

        var end = DateTimeOffset.UtcNow.AddMilliseconds(200);
        hub.Directory.Changed(both with { Generation = 2, Verifiers = [both.Verifiers[0], both.Verifiers[1] with { NotAfter = end }] });

        await old.ReadToCloseAsync();
        Assert.Equal(TunnelEndReason.SecretChanged, (await hub.NextAsync<HubEvent.Ended>()).Reason);
        Assert.True(await young.HasConfigAsync());
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("removed")]
    [InlineData("secret")]
    public async Task A_change_between_look_up_and_authentication_is_not_lost(string what)
    {
        await using var hub = await TestHub.StartAsync();
        var record = hub.Allow(1, (80, null));
        hub.Registry.BeforeAnswer = _ =>
        {
            switch (what)
            {
                case "changed":
                    hub.Directory.Changed(record with { Generation = 2 });
                    break;
                case "removed":
                    hub.Directory.Removed(TestHub.EdgeId, 2);
                    break;
                default:
                    hub.Directory.Changed(FakeRegistry.Record(TestHub.EdgeId, "another secret", 2));
                    break;
            }

            return Task.CompletedTask;
        };

        if (what == "changed")
        {
            await using var edge = await hub.ConnectAsync();
            Assert.Equal(2, (await edge.ConfigAsync()).Generation);
        }
        else
        {
            Assert.Equal(RejectCode.BadCredentials, (await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync())).Code);
        }
    }

    [Fact]
    public async Task Presence_is_told_for_the_first_and_the_last_tunnel_of_an_instance()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow(1, (80, null));
        var first = await hub.ConnectAsync("a");
        var second = await hub.ConnectAsync("a");
        Assert.True((await hub.Registry.Presences.ReadAsync(Timeouts.Token())).Connected);

        await first.DisposeAsync();
        await hub.NextAsync<HubEvent.Ended>();
        Assert.False(hub.Registry.Presences.TryRead(out _));

        await second.DisposeAsync();
        Assert.False((await hub.Registry.Presences.ReadAsync(Timeouts.Token())).Connected);
        Assert.Empty(hub.Directory.LiveEdges());
    }
}
