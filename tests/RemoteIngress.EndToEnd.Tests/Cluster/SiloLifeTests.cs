using System.Diagnostics;
using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>A hub's silo comes later than the hub, dies before it, and is there again; its tunnels do not notice.</summary>
public sealed class SiloLifeTests
{
    [Fact]
    public async Task Hub_StartedBeforeRedis_SaysWhyAndJoinsWhenItComes()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        await using var cluster = await HubCluster.CreateAsync();
        await cluster.Redis.StopAsync();
        var port = TunnelFixture.Port(target.EndPoint);

        var hub = await cluster.StartHubAsync(token, [TunnelFixture.Spec(port)]);

        Assert.True(await Ports.AcceptsAsync(hub.Setup.TunnelPort, token));
        var (status, body) = await HubCluster.ReadyAsync(hub, token);
        Assert.Equal(503, status);
        Assert.Contains("--redis: the server does not answer", body, StringComparison.Ordinal);
        await using var edge = HubCluster.NewEdge(hub);
        await edge.Process.WaitForLineAsync("is told to come back", static line => line.Contains("registry", StringComparison.OrdinalIgnoreCase), token);

        await cluster.Redis.StartAsync();

        await edge.WaitForPortsAsync([port], token);
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("hello", token);
        Assert.Equal(200, (await HubCluster.ReadyAsync(hub, token)).Status);
        Assert.Single(hub.Process.ErrorLines, line => line.Contains("has no registry yet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hub_DeclaredDead_BuildsItsSiloAgainAndKeepsItsTunnel()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(90));
        await using var target = new TargetServer(Handlers.EchoAsync);
        await using var cluster = await HubCluster.CreateAsync();
        var (port, added) = (TunnelFixture.Port(target.EndPoint), TunnelFixture.Port(target.EndPoint));
        var stopped = await cluster.StartHubAsync(token, [TunnelFixture.Spec(port)]);
        var other = await cluster.StartHubAsync(token);
        await cluster.WaitForHubsAsync(2, token);
        await using var edge = HubCluster.NewEdge(stopped);
        await edge.WaitForPortsAsync([port], token);
        await using var download = await SteadyTransfer.StartAsync(port.Port, token);

        stopped.Process.Send(Signal.Stop);
        var dead = await Poll.UntilAsync("it is declared dead", async _ => await cluster.CountAsync("Dead") == 1, token);
        stopped.Process.Send(Signal.Continue);

        await stopped.Process.WaitForLineAsync("has a silo again", static line => line.Contains("is part of its cluster again", StringComparison.Ordinal), token);
        TestContext.Current.TestOutputHelper?.WriteLine($"dead after {dead.TotalSeconds:0.0} s");
        await download.GoesOnAsync("after its hub was declared dead", token);
        var metrics = await stopped.ReadMetricsAsync(token);
        Assert.Equal(1, metrics.Sum("remoteingress_hub_silo_rebuilds_total"));
        Assert.Equal(0, metrics.Sum("remoteingress_hub_tunnel_ends_total"));
        Assert.Equal(200, (await HubCluster.ReadyAsync(stopped, token)).Status);
        await cluster.WaitForHubsAsync(2, token);

        // what is changed at the other hub arrives over the new silo
        await other.PutEdgesAsync(token, TunnelFixture.Spec(port, added));
        await edge.WaitForPortsAsync([added], token);
        await download.GoesOnAsync("to the end", token);
    }

    [Fact]
    public async Task Hub_KilledAndStartedAgain_DoesNotWaitForItsDeadSelf()
    {
        var token = Timeouts.Token();
        await using var cluster = await HubCluster.CreateAsync();
        var hub = await cluster.StartHubAsync(token, [TunnelFixture.Spec()]);
        var ports = HubCluster.PortsOf(hub);
        hub.Process.Send(Signal.Kill);
        await hub.Process.WaitForExitAsync(token);

        var clock = Stopwatch.StartNew();
        await using var again = await HubFixture.StartAsync(hub.Setup, token);
        await Poll.UntilAsync("it is ready", async cancellation => (await HubCluster.ReadyAsync(again, cancellation)).Status == 200, token);

        TestContext.Current.TestOutputHelper?.WriteLine($"back after {clock.ElapsedMilliseconds} ms");
        Assert.Equal(ports, HubCluster.PortsOf(again));
        Assert.Equal(TunnelFixture.EdgeId, JsonSerializer.Deserialize<JsonElement>(await again.GetAsync("edges", token))[0].GetProperty("id").GetString());
        await again.Process.DisposeAsync();
    }
}
