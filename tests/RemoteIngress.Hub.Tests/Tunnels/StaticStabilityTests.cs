using RemoteIngress.Contracts;
using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Hub.Tests.Tunnels;

/// <summary>A registry that cannot be asked, and what this hub knows from before.</summary>
public sealed class StaticStabilityTests
{
    [Fact]
    public async Task An_edge_that_is_known_is_served_by_what_is_known()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Known.Keep(hub.Allow(7, (80, null)));
        hub.Registry.BeforeAnswer = _ => throw new RegistryUnavailableException();

        await using var edge = await hub.ConnectAsync();

        var config = await edge.ConfigAsync();
        Assert.Equal(7, config.Generation);
        Assert.Equal([80], config.ListenPorts);
    }

    [Fact]
    public async Task What_is_known_still_wants_the_secret()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Known.Keep(hub.Allow(7, (80, null)));
        hub.Registry.BeforeAnswer = _ => throw new RegistryUnavailableException();

        var rejected = await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync(secret: "a guess"));

        Assert.Equal(RejectCode.BadCredentials, rejected.Code);
    }

    [Fact]
    public async Task Not_registered_is_obeyed_whatever_is_known()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Known.Keep(FakeRegistry.Record(TestHub.EdgeId, TestHub.Secret, 7));

        var rejected = await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync());

        Assert.Equal(RejectCode.BadCredentials, rejected.Code);
    }

    [Fact]
    public async Task A_secret_that_has_ended_is_no_longer_one_also_while_nobody_can_be_asked()
    {
        await using var hub = await TestHub.StartAsync();
        var record = FakeRegistry.Record(TestHub.EdgeId, "the new one", 7, null, TestHub.Secret);
        hub.Known.Keep(record with { Verifiers = [record.Verifiers[0], record.Verifiers[1] with { NotAfter = DateTimeOffset.UtcNow.AddSeconds(-1) }] });
        hub.Registry.BeforeAnswer = _ => throw new RegistryUnavailableException();

        var rejected = await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync());

        Assert.Equal(RejectCode.BadCredentials, rejected.Code);
        await using var edge = await hub.ConnectAsync(secret: "the new one");
    }

    [Fact]
    public async Task What_is_in_force_is_not_put_back_by_what_was_known()
    {
        await using var hub = await TestHub.StartAsync();
        var record = hub.Allow(7, (80, null));
        await using var first = await hub.ConnectAsync();
        await first.ConfigAsync();
        hub.Directory.Changed(record with { Generation = 9, Settings = new EdgeSettings { ListenPorts = [81] } });
        hub.Known.Keep(record);
        hub.Registry.BeforeAnswer = _ => throw new RegistryUnavailableException();

        await using var second = await hub.ConnectAsync("i-2");

        Assert.Equal(9, (await second.ConfigAsync()).Generation);
    }

    [Fact]
    public async Task An_edge_whose_removal_is_known_is_refused()
    {
        await using var hub = await TestHub.StartAsync();
        var record = hub.Allow(7, (80, null));
        await using var first = await hub.ConnectAsync();
        await first.ConfigAsync();
        hub.Known.Keep(record);
        hub.Registry.BeforeAnswer = async _ =>
        {
            // while its tunnel is being closed, somebody with the secret comes again
            hub.Directory.Removed(TestHub.EdgeId, 8);
            await Task.Yield();
            throw new RegistryUnavailableException();
        };

        var rejected = await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync("i-2"));

        Assert.Equal(RejectCode.BadCredentials, rejected.Code);
    }
}
