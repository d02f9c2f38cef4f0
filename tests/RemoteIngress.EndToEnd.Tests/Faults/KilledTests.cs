using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Faults;

/// <summary>One of the two processes is killed (kill -9) while the other goes on.</summary>
public sealed class KilledTests
{
    [Fact]
    public async Task Hub_KilledAndRestarted_ClientsThatCameMeanwhileAreServed()
    {
        const int count = 20;
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);

        // held for longer than this machine takes to start a hub
        await using var tunnel = await TunnelFixture.StartAsync([port], [], ["--hold-timeout", "60s"], token);
        var edgeFiles = await LeakCheck.StartAsync(tunnel, token);
        using var before = await TestClient.ConnectAsync(port.Port, token);
        await before.EchoAsync("before", token);

        tunnel.Hub.Process.Send(Signal.Kill);
        await tunnel.Hub.Process.WaitForExitAsync(token);
        var restart = tunnel.RestartHubAsync(token);
        var clients = new List<TestClient>();
        for (var i = 0; i < count; i++)
        {
            clients.Add(await TestClient.ConnectAsync(port.Port, token));
        }

        await Task.WhenAll(clients.Select((client, index) => client.EchoAsync($"came meanwhile {index}", token)));

        await restart;
        Assert.True(await tunnel.Edge.IsConnectedAsync(token));
        clients.ForEach(static client => client.Dispose());
        before.Dispose();
        await edgeFiles.EdgeHasNothingLeftAsync(token);
    }

    [Fact]
    public async Task Hub_GoneForGood_ANewClientGetsACleanEnd()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync([port], [], ["--hold-timeout", "1s"], token);

        // the harness has knocked at the port: its own connection must be over before anything is counted
        await LeakCheck.StartAsync(tunnel, token);
        tunnel.Hub.Process.Send(Signal.Kill);
        await tunnel.Hub.Process.WaitForExitAsync(token);
        await Poll.UntilAsync("the edge noticed", async cancellation => !await tunnel.Edge.IsConnectedAsync(cancellation), token);

        var before = await UnservedAsync(tunnel, token);

        // one that says nothing and one that has sent a request, which must not turn the end into a reset
        using var silent = await TestClient.ConnectAsync(port.Port, token);
        using var asking = await TestClient.ConnectAsync(port.Port, token);
        await asking.SendAsync("GET / HTTP/1.1\r\n\r\n", token);

        Assert.Equal("", await silent.ReceiveToEndAsync(token));
        Assert.Equal("", await asking.ReceiveToEndAsync(token));
        var status = await tunnel.Edge.TryGetStatusAsync(token);
        Assert.Equal(2, await UnservedAsync(tunnel, token) - before);
        Assert.Equal(0, status!.Value.GetProperty("activeStreams").GetInt64());
    }

    [Fact]
    public async Task Edge_Killed_ConnectionsOfTargetsEnd()
    {
        const int count = 50;
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        var leaks = await LeakCheck.StartAsync(tunnel, token);
        var clients = new List<TestClient>();
        for (var i = 0; i < count; i++)
        {
            clients.Add(await TestClient.ConnectAsync(port.Port, token));
            await clients[i].EchoAsync($"open {i}", token);
        }

        Assert.True(target.Active >= count);
        tunnel.Edge.Process.Send(Signal.Kill);

        await Poll.UntilAsync("the connections of the target ended", () => target.Active == 0, token);
        await Poll.UntilAsync("the hub knows", async cancellation => (await tunnel.Hub.ConnectedEdgesAsync(cancellation)).Count == 0, token);
        await leaks.HubHasNothingLeftAsync(token);
        clients.ForEach(static client => client.Dispose());
    }

    private static async Task<long> UnservedAsync(TunnelFixture tunnel, CancellationToken token)
    {
        var status = await tunnel.Edge.TryGetStatusAsync(token);
        return status!.Value.GetProperty("connections").GetProperty("ended").TryGetProperty("no_tunnel", out var count) ? count.GetInt64() : 0;
    }
}
