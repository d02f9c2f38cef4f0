using System.Net;
using System.Net.Sockets;
using RemoteIngress.Edge.Tests.Forwarding;
using RemoteIngress.Edge.Tests.Hubs;

namespace RemoteIngress.Edge.Tests.Configuration;

public sealed class SnapshotTests
{
    [Fact]
    public async Task Push_AddsAndRemovesPorts_ConnectionsOnKeptOnesGoOn()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);
        var (kept, removed) = (edge.Port, EdgeHarness.FreePort());
        hub.Push(EdgeHarness.Snapshot(2, "eager", kept, removed));
        await hub.NextAckAsync(edge.Token);
        using var onKept = await edge.ConnectAsync();
        var keptStream = await hub.NextStreamAsync(edge.Token);
        using var onRemoved = await edge.ConnectAsync(removed);
        await hub.NextStreamAsync(edge.Token);

        hub.Push(EdgeHarness.Snapshot(3, "eager", kept));
        await hub.NextAckAsync(edge.Token);

        await ForwardingTests.AssertResetAsync(onRemoved, edge);
        await Assert.ThrowsAsync<SocketException>(() => edge.ConnectAsync(removed));
        keptStream.Post(stream => stream.Send("still here"));
        keptStream.Post(stream => stream.Finish());
        Assert.Equal("still here", await ForwardingTests.ReadAllAsync(onKept, edge));
    }

    [Fact]
    public async Task LowerGeneration_ChangesNothing_AndIsAnsweredWithTheOneInForce()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);
        hub.Push(EdgeHarness.Snapshot(10, "eager", edge.Port));
        Assert.Equal(10, (await hub.NextAckAsync(edge.Token)).Generation);

        hub.Push(EdgeHarness.Snapshot(9, "eager"));

        Assert.Equal(10, (await hub.NextAckAsync(edge.Token)).Generation);
        using var client = await edge.ConnectAsync();
    }

    [Fact]
    public async Task PortInUse_IsReportedWhileOthersWork_AndOpenedWhenItIsFree()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);

        hub.Push(EdgeHarness.Snapshot(2, "eager", edge.Port, port));
        var ack = await hub.NextAckAsync(edge.Token);

        Assert.Equal("address already in use", ack.Ports.Single(result => result.Port == port).Error);
        Assert.True(ack.Ports.Single(result => result.Port == edge.Port).Ok);
        using var works = await edge.ConnectAsync();
        Assert.Equal(port, Assert.Single((await edge.Edge.GetStatusAsync()).FailedPorts).Port);

        taken.Stop();
        var later = await hub.NextAckAsync(edge.Token);

        Assert.All(later.Ports, result => Assert.True(result.Ok));
        using var opened = await edge.ConnectAsync(port);
    }

    [Fact]
    public async Task TwoEdges_SamePortAndUser_TheSecondIsToldInsteadOfSharingIt()
    {
        await using var hub = ScriptedHub.Start();
        await using var first = await EdgeHarness.StartAsync([hub]);
        await using var second = await EdgeHarness.StartAsync([hub.Address], first.Port);

        var ack = await hub.NextAckAsync(second.Token);

        Assert.False(Assert.Single(ack.Ports).Ok);
    }

    [Fact]
    public async Task TwoHubs_HigherGenerationWins()
    {
        await using var one = ScriptedHub.Start("one");
        await using var two = ScriptedHub.Start("two");
        await using var edge = await EdgeHarness.StartAsync([one, two]);
        var port = EdgeHarness.FreePort();

        two.Push(EdgeHarness.Snapshot(7, "eager", port));
        await two.NextAckAsync(edge.Token);
        one.Push(EdgeHarness.Snapshot(6, "eager", edge.Port));
        await one.NextAckAsync(edge.Token);

        Assert.Equal([port], (await edge.Edge.GetStatusAsync()).ListenPorts);
    }
}
