using RemoteIngress.Edge.Tests.Hubs;

namespace RemoteIngress.Edge.Tests.Forwarding;

public sealed class HoldTests
{
    [Fact]
    public async Task Tunnel_IsDown_NewClientIsHeldAndServedWhenItIsBack()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);
        await hub.DisposeAsync();
        await WaitUntilDisconnectedAsync(edge);

        using var client = await edge.ConnectAsync();
        await client.Client.SendAsync("waiting"u8.ToArray(), edge.Token);
        var port = hub.Address.Port;
        await using var back = ScriptedHub.Start("back", port);
        back.Snapshot = hub.Snapshot;
        var stream = await back.NextStreamAsync(edge.Token);
        Assert.Equal("waiting"u8.ToArray(), await stream.ReceivedAsync(7).WaitAsync(edge.Token));
    }

    [Fact]
    public async Task OnlyTunnel_DiesBeforeOpened_ClientIsHeldAndServedByTheNextTunnel()
    {
        await using var hub = ScriptedHub.Start();
        hub.OnOpen = stream =>
        {
            hub.OnOpen = next => next.Accept();
            hub.BreakProtocol();
        };
        await using var edge = await EdgeHarness.StartAsync([hub]);

        using var client = await edge.ConnectAsync();
        await hub.NextStreamAsync(edge.Token);
        await hub.NextSessionAsync(edge.Token);
        await client.Client.SendAsync("still here"u8.ToArray(), edge.Token);

        var stream = await hub.NextStreamAsync(edge.Token);
        Assert.Equal("still here"u8.ToArray(), await stream.ReceivedAsync(10).WaitAsync(edge.Token));
    }

    [Fact]
    public async Task NoTunnelComes_ClientGetsACleanEnd()
    {
        var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub], change: o => WithHold(o, TimeSpan.FromMilliseconds(200), held: 10));
        await hub.DisposeAsync();
        await WaitUntilDisconnectedAsync(edge);

        using var client = await edge.ConnectAsync();
        await client.Client.SendAsync("anyone?"u8.ToArray(), edge.Token);

        Assert.Equal("", await ForwardingTests.ReadAllAsync(client, edge));
        Assert.Equal(1, (await edge.Edge.GetStatusAsync()).Connections.Ended["no_tunnel"]);
    }

    [Fact]
    public async Task MoreClientsThanMayBeHeld_TheNextIsReset()
    {
        var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub], change: o => WithHold(o, TimeSpan.FromSeconds(60), held: 1));
        await hub.DisposeAsync();
        await WaitUntilDisconnectedAsync(edge);

        using var held = await edge.ConnectAsync();

        await ForwardingTests.AssertNewClientIsResetAsync(edge);
        var status = await edge.Edge.GetStatusAsync();
        Assert.Equal(1, status.ActiveStreams);
        Assert.Equal(1, status.Limits["heldConnections"]);
        Assert.Equal(1, status.Connections.Ended["no_tunnel"]);
    }

    private static EdgeOptions WithHold(EdgeOptions options, TimeSpan timeout, int held) => new()
    {
        Hubs = options.Hubs,
        EdgeId = options.EdgeId,
        Secret = options.Secret,
        BindAddress = options.BindAddress,
        StatusUrl = options.StatusUrl,
        StunServer = options.StunServer,
        Loops = options.Loops,
        Transport = options.Transport,
        HoldTimeout = timeout,
        HeldConnections = held,
    };

    private static async Task WaitUntilDisconnectedAsync(EdgeHarness edge)
    {
        while ((await edge.Edge.GetStatusAsync()).Connected)
        {
            edge.Token.ThrowIfCancellationRequested();
        }
    }
}
