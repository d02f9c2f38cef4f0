using System.Net;
using System.Net.Sockets;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Transport.Tests.Tunnels;

/// <summary>Every way a real tunnel can end, and that nothing is left of it.</summary>
public sealed class TunnelEndTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PeerKilled_BothSidesLoseTheConnection(bool reset)
    {
        await using var rig = await TunnelRig.ConnectAsync(throughWire: true);
        var (client, target) = await rig.OpenAsync();
        rig.Wire!.Cut(reset);

        Assert.Equal(TunnelEndReason.ConnectionLost, (await rig.Edge.Closed).Reason);
        Assert.Equal(TunnelEndReason.ConnectionLost, (await rig.Hub.Closed).Reason);
        await rig.NothingIsLeftAsync();
        await Assert.ThrowsAsync<SocketException>(client.ReceiveToEndAsync);
        await Assert.ThrowsAsync<SocketException>(target.ReceiveToEndAsync);
        client.Dispose();
        target.Dispose();
    }

    [Fact]
    public async Task PeerSilent_IsFoundByTheClock()
    {
        var options = TunnelOptions.Default with { PingInterval = TimeSpan.FromMilliseconds(20), DeadAfter = TimeSpan.FromMilliseconds(200) };
        await using var rig = await TunnelRig.ConnectAsync(options, throughWire: true);
        rig.Wire!.Stall();

        Assert.Equal(TunnelEndReason.PeerSilent, (await rig.Edge.Closed).Reason);
        Assert.Equal(TunnelEndReason.PeerSilent, (await rig.Hub.Closed).Reason);
        await rig.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Close_ByTheHubWithAReasonThatHasACode_EdgeIsTold()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        await rig.Hub.OnLoopAsync(core => core.Close(TunnelEndReason.Shutdown, "stopping"));

        Assert.Equal(TunnelEndReason.Draining, (await rig.Edge.Closed).Reason);
        await rig.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Close_ByTheEdge_IsOrderlyForTheHub()
    {
        await using var rig = await TunnelRig.ConnectAsync();
        await rig.Edge.OnLoopAsync(core => core.Close(TunnelEndReason.HubRemoved, "not wanted any more"));

        Assert.Equal(TunnelEndReason.Closed, (await rig.Hub.Closed).Reason);
        await rig.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Close_PeerTakesNothing_LingersAndGoes()
    {
        var options = TunnelOptions.Default with { LingerTimeout = TimeSpan.FromMilliseconds(20) };
        await using var rig = await TunnelRig.ConnectAsync(options, throughWire: true);
        rig.Wire!.Stall();
        var client = await rig.ConnectClientAsync();
        await rig.Edge.OnLoopAsync(core =>
        {
            for (var i = 0; i < 7; i++)
            {
                core.Send(Protocol.Frames.FrameType.Status, new byte[1024 * 1024]);
            }
        });
        await rig.Edge.Loop.PassTurnAsync();
        await rig.Edge.OnLoopAsync(core => core.Close(TunnelEndReason.Shutdown, "test"));

        await rig.Edge.Loop.UntilAsync(() => rig.Edge.Loop.Registered == 1 && rig.Edge.Loop.ArmedTimers == 0, "the tunnel lingers for ever");
        client.Dispose();
        rig.Wire.Cut(reset: true);
        await rig.Hub.Closed;
    }

    [Fact]
    public async Task WrongSecret_BothSidesSayBadCredentials()
    {
        await using var rig = await TunnelRig.ListenAsync();
        await rig.DialAsync(rig.HubEndPoint, "wrong");

        Assert.Equal(TunnelEndReason.BadCredentials, (await rig.Edge.Closed).Reason);
        Assert.Equal(TunnelEndReason.BadCredentials, (await rig.Hub.Closed).Reason);
        await rig.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Connect_NobodyListens_FailsWithWords()
    {
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var rig = await TunnelRig.ListenAsync();
        await rig.DialAsync((IPEndPoint)free.LocalEndPoint!);

        Assert.Equal((TunnelEndReason.ConnectFailed, "connection refused"), await rig.Edge.Closed);
        await rig.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Connect_ClosedByItsOwnerMeanwhile_LeavesNothing()
    {
        await using var rig = await TunnelRig.ListenAsync();
        await rig.Edge.Loop.RunAsync(() =>
        {
            rig.Edge.Tunnel = Tunnel.Connect(rig.Edge.Loop, rig.HubEndPoint, rig.Edge.EdgeSetup(), out _);
            rig.Edge.Tunnel!.Core.Close(TunnelEndReason.Shutdown, "never mind");
        });

        Assert.Equal(TunnelEndReason.Shutdown, (await rig.Edge.Closed).Reason);
        await rig.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Hub_ClientThatSpeaksNoTls_IsTlsFailed()
    {
        await using var rig = await TunnelRig.ListenAsync();
        using var stranger = await rig.StrangerAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());

        Assert.Equal(TunnelEndReason.TlsFailed, (await rig.Hub.Closed).Reason);
        await rig.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Hub_ClientThatSaysNothing_IsTimedOut()
    {
        await using var rig = await TunnelRig.ListenAsync(TunnelOptions.Default with { HandshakeTimeout = TimeSpan.FromMilliseconds(20) });
        using var stranger = await rig.StrangerAsync([]);

        Assert.Equal(TunnelEndReason.HandshakeTimeout, (await rig.Hub.Closed).Reason);
        await rig.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Hub_ClientThatLeavesDuringTheHandshake_IsForgotten()
    {
        await using var rig = await TunnelRig.ListenAsync();
        (await rig.StrangerAsync([22, 3, 1, 2, 0, 1])).Dispose();

        Assert.Equal(TunnelEndReason.TlsFailed, (await rig.Hub.Closed).Reason);
        await rig.NothingIsLeftAsync();
    }
}
