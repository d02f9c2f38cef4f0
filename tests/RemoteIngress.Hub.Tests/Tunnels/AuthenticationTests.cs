using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Tunnels;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Hub.Tests.Tunnels;

public sealed class AuthenticationTests
{
    [Fact]
    public async Task The_right_secret_is_welcome_and_gets_its_config()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow(7, (8080, null));
        await using var edge = await hub.ConnectAsync();

        var config = await edge.ConfigAsync();

        Assert.Equal(7, config.Generation);
        Assert.Equal([8080], config.ListenPorts);
        var told = await hub.NextAsync<HubEvent.Authenticated>();
        Assert.Equal((TestHub.EdgeId, "i-1"), (told.EdgeId, told.InstanceId));
        var presence = await hub.Registry.Presences.ReadAsync(Timeouts.Token());
        Assert.True(presence.Connected);
        Assert.Equal("i-1", presence.InstanceId);
    }

    [Theory]
    [InlineData(TestHub.EdgeId, "wrong")]
    [InlineData("nobody", TestHub.Secret)]
    public async Task A_wrong_secret_and_an_unknown_edge_are_told_the_same(string edgeId, string secret)
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow();

        var rejected = await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync(edgeId: edgeId, secret: secret));

        Assert.Equal(RejectCode.BadCredentials, rejected.Code);
        Assert.Equal(TunnelEndReason.BadCredentials.Describe(), rejected.Message);
        var refused = await hub.NextAsync<HubEvent.Refused>();
        Assert.Equal((edgeId, TunnelEndReason.BadCredentials), (refused.EdgeId, refused.Reason));
        Assert.Empty(hub.Directory.Snapshot());
    }

    [Fact]
    public async Task Whoever_saw_another_certificate_is_refused()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow();
        await using var edge = await WireEdge.OpenAsync(hub.Port, Timeouts.Token());

        var rejected = await Assert.ThrowsAsync<WireRejectedException>(
            () => edge.AuthenticateAsync(TestHub.EdgeId, TestHub.Secret, "i-1", SHA256.HashData("another certificate"u8)));

        Assert.Equal(RejectCode.BadCredentials, rejected.Code);
        Assert.Contains("another certificate", (await hub.NextAsync<HubEvent.Refused>()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Either_secret_of_a_rotation_is_welcome()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Registry.Set(FakeRegistry.Record(TestHub.EdgeId, "new secret", 2, null, TestHub.Secret));

        await using var old = await hub.ConnectAsync("i-1");
        await using var young = await hub.ConnectAsync("i-2", secret: "new secret");

        Assert.Equal(2, (await old.ConfigAsync()).Generation);
        Assert.Equal(2, (await young.ConfigAsync()).Generation);
    }

    [Fact]
    public async Task A_registry_that_cannot_be_asked_is_no_refusal_for_ever()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow();
        hub.Registry.BeforeAnswer = _ => throw new RegistryUnavailableException();

        var rejected = await Assert.ThrowsAsync<WireRejectedException>(() => hub.ConnectAsync());

        Assert.Equal(RejectCode.RegistryUnavailable, rejected.Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silence_ends_at_the_handshake_timeout(bool withTls)
    {
        await using var hub = await TestHub.StartAsync(new TunnelOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(250) });
        if (withTls)
        {
            await using var edge = await WireEdge.OpenAsync(hub.Port, Timeouts.Token());
            var last = Assert.Single(await edge.ReadToCloseAsync());
            Assert.Equal(RejectCode.Timeout, WireEdge.Decode<Reject>(last).Code);
        }
        else
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, hub.Port, Timeouts.Token());
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Timeouts.Token()));
        }

        Assert.Equal(TunnelEndReason.HandshakeTimeout, (await hub.NextAsync<HubEvent.Refused>()).Reason);
    }

    [Fact]
    public async Task Garbage_instead_of_TLS_ends_the_connection()
    {
        await using var hub = await TestHub.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, hub.Port, Timeouts.Token());
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: hub\r\n\r\n"u8.ToArray(), Timeouts.Token());

        Assert.Equal(TunnelEndReason.TlsFailed, (await hub.NextAsync<HubEvent.Refused>()).Reason);
    }

    [Theory]
    [InlineData(FrameType.Open)]
    [InlineData(FrameType.Auth)]
    [InlineData((FrameType)0x7F)]
    public async Task Nothing_but_HELLO_may_come_first(FrameType type)
    {
        await using var hub = await TestHub.StartAsync();
        await using var edge = await WireEdge.OpenAsync(hub.Port, Timeouts.Token());
        await edge.SendAsync(type == FrameType.Open ? 1u : 0u, type, new byte[20]);

        var rejected = WireEdge.Decode<Reject>(await edge.NextAsync(FrameType.Reject));

        Assert.Equal(RejectCode.ProtocolError, rejected.Code);
    }

    [Fact]
    public async Task More_strangers_than_one_address_may_have_are_turned_away_and_places_come_back()
    {
        await using var hub = await TestHub.StartAsync(configure: options => options with { MaxUnauthenticatedPerAddress = 2 });
        hub.Allow();
        using var first = new TcpClient();
        using var second = new TcpClient();
        using var third = new TcpClient();
        await first.ConnectAsync(IPAddress.Loopback, hub.Port, Timeouts.Token());
        await second.ConnectAsync(IPAddress.Loopback, hub.Port, Timeouts.Token());
        await third.ConnectAsync(IPAddress.Loopback, hub.Port, Timeouts.Token());

        Assert.Equal(0, await third.GetStream().ReadAsync(new byte[1], Timeouts.Token()));
        Assert.Equal(TunnelEndReason.Busy, (await hub.NextAsync<HubEvent.Refused>()).Reason);

        first.Close();
        await Poll.UntilAsync("the place is free again", () => hub.Server.Load == 1, Timeouts.Token());
        await using var edge = await hub.ConnectAsync();
        await using var another = await hub.ConnectAsync("i-2");
        Assert.Equal(1, (await another.ConfigAsync()).Generation);
    }

    [Fact]
    public async Task A_port_in_use_is_told_with_the_option_and_the_cure()
    {
        await using var hub = await TestHub.StartAsync();

        var error = await Assert.ThrowsAsync<HubStartException>(
            () => TestHub.StartAsync(configure: options => options with { Local = new IPEndPoint(IPAddress.Loopback, hub.Port) }));

        Assert.StartsWith($"--tunnel-port: {hub.Port} is in use", Assert.Single(error.Errors), StringComparison.Ordinal);
    }
}
