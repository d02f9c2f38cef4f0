using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Lifecycle;

public sealed class RestartTests
{
    [Theory]
    [InlineData(Signal.Terminate)]
    [InlineData(Signal.Kill)]
    public async Task Hub_ComesBack_EdgeReconnectsByItself(Signal signal)
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(90));
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);

        tunnel.Hub.Process.Send(signal);
        await tunnel.Hub.Process.WaitForExitAsync(token);
        await Poll.UntilAsync("the edge noticed", async cancellation => !await tunnel.Edge.IsConnectedAsync(cancellation), token);
        await tunnel.RestartHubAsync(token);
        await Poll.UntilAsync("the edge is back", tunnel.Edge.IsConnectedAsync, token);

        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("after the restart", token);
    }

    [Fact]
    public async Task Client_WithoutATunnel_IsHeldUntilOneIsBack()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(90));
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync([port], [], ["--hold-timeout", "60s"], token);
        tunnel.Hub.Process.Send(Signal.Kill);
        await tunnel.Hub.Process.WaitForExitAsync(token);
        await Poll.UntilAsync("the edge noticed", async cancellation => !await tunnel.Edge.IsConnectedAsync(cancellation), token);

        using var client = await TestClient.ConnectAsync(port.Port, token);
        var echo = client.EchoAsync("sent while no hub was there", token);
        await tunnel.RestartHubAsync(token);

        await echo;
    }

    [Fact]
    public async Task Hub_WithRedis_KeepsEdgesOfTheApiOverARestart()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(90));
        await using var redis = await RedisTool.StartAsync(token);
        using var data = new TempDirectory();
        var setup = new HubSetup { Data = data, Arguments = ["--redis", redis.Connection] };
        await using (var first = await HubFixture.StartAsync(setup, token))
        {
            var (status, body) = await first.PutAsync("edges/kept", """{"id":"kept","secret":"kept-secret-12ab"}""", token);
            Assert.True(status is 200 or 201 or 204, $"{status} {body}");
            Assert.Equal(0, await first.Process.TerminateAsync(token));
        }

        // without --allowed-edges the registry stays as Redis has it
        await using var second = new RemoteIngressProcess(
            ["hub", "--tunnel-address", "127.0.0.1", "--tunnel-port", "0", "--admin-url", $"http://127.0.0.1:{setup.AdminPort}", "--hub-id", "hub-1", "--redis", redis.Connection],
            new Dictionary<string, string> { ["REMOTEINGRESS_ADMIN_TOKEN"] = setup.AdminToken });
        await second.WaitForLineAsync("is ready", line => line.Contains(" is ready: "), token);
        var (exitCode, table, error) = await RemoteIngressProcess.RunAsync(
            ["edges", "list", "--admin-url", $"http://127.0.0.1:{setup.AdminPort}", "--admin-token", setup.AdminToken], token);

        Assert.True(exitCode == 0, error);
        Assert.Contains("kept", table);
    }
}
