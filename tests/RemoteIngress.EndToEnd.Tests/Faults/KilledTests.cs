using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Faults;

/// <summary>One of the two processes is killed (kill -9) while the other goes on.</summary>
public sealed class KilledTests
{
    // product constants and required times
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(2);

    // with BackWithin it is less than the hold, so the first client's wait ends in time
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(2.5);

    // what it is about: clients that keep coming
    private static readonly TimeSpan BetweenClients = TimeSpan.FromMilliseconds(50);

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
    public async Task Hub_KilledAndReplacedWithinTheDefaultHold_NobodyIsRefusedAndTheEdgeIsBackWithin2Seconds()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);

        // The next hub runs already and stands ready behind the same address, so that the time is the edge's alone and not this machine's
        // for starting a process.
        using var data = new TempDirectory();
        using var otherData = new TempDirectory();
        await using var hub = await HubFixture.StartAsync(new HubSetup { Data = data, Edges = [TunnelFixture.Spec(port)] }, token);
        await using var next = await HubFixture.StartAsync(new HubSetup { Data = otherData, Edges = [TunnelFixture.Spec(port)] }, token);
        await using var relay = new HalfOpenRelay(hub.Setup.TunnelPort);
        await using var edge = new EdgeFixture(relay.Port, TunnelFixture.EdgeId, TunnelFixture.Secret);
        await edge.WaitForPortsAsync([port.Port], token);
        using var before = await TestClient.ConnectAsync(port.Port, token);
        await before.EchoAsync("before", token);

        hub.Process.Send(Signal.Kill);
        var clock = Stopwatch.StartNew();
        await hub.Process.WaitForExitAsync(token);
        await Poll.UntilAsync("the edge noticed", async cancellation => !await edge.IsConnectedAsync(cancellation), token);
        var clients = new List<TestClient>();
        var echoes = new List<Task>();
        while (clock.Elapsed < Outage)
        {
            clients.Add(await TestClient.ConnectAsync(port.Port, token));
            echoes.Add(clients[^1].EchoAsync($"came after {clock.Elapsed}", token));
            await Task.Delay(BetweenClients, token);
        }

        Assert.DoesNotContain(echoes, static echo => echo.IsCompleted);
        relay.TargetPort = next.Setup.TunnelPort;
        var back = await Poll.UntilAsync("the edge is back", edge.IsConnectedAsync, token);

        TestContext.Current.SendDiagnosticMessage($"back after {back.TotalMilliseconds:F0} ms, {clients.Count} clients waited");
        Assert.InRange(back, TimeSpan.Zero, BackWithin);
        await Task.WhenAll(echoes);
        clients.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task Hub_StoppedForGood_ClientsGetACleanEndAfterTheDefaultHold_AndTheEdgeRetriesWithJitter()
    {
        const int attempts = 12;
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync([port], [], ["--log-level", "debug"], token);
        tunnel.Hub.Process.Send(Signal.Kill);
        await tunnel.Hub.Process.WaitForExitAsync(token);
        await Poll.UntilAsync("the edge noticed", async cancellation => !await tunnel.Edge.IsConnectedAsync(cancellation), token);

        var clock = Stopwatch.StartNew();
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.SendAsync("GET / HTTP/1.1\r\n\r\n", token);
        Assert.Equal("", await client.ReceiveToEndAsync(token));

        Assert.InRange(clock.Elapsed, Hold - TimeSpan.FromSeconds(0.5), Hold + Hold);
        await Poll.UntilAsync($"{attempts} attempts", () => Delays(tunnel.Edge.Process).Length > attempts, token);
        var delays = Delays(tunnel.Edge.Process);
        TestContext.Current.SendDiagnosticMessage(string.Join(' ', delays));
        Assert.All(delays, static delay => Assert.InRange(delay, 0, 1.5));
        Assert.True(delays.Distinct().Count() > 3, string.Join(' ', delays));

        // among the delays are those after the tunnels that were lost
        await Poll.UntilAsync(
            $"{attempts} failed attempts are counted",
            async wait => (await tunnel.Edge.ReadMetricsAsync(wait)).Sum("remoteingress_edge_tunnel_ends_total", "connect_failed") >= attempts,
            token);
        Assert.DoesNotContain("   at ", tunnel.Edge.Process.Text, StringComparison.Ordinal);
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

    /// <summary>The delays that the edge announced, in seconds.</summary>
    private static double[] Delays(ExternalProcess edge) =>
        [.. edge.Lines
            .Select(static line => Regex.Match(line, @"next attempt in (\d+\.\d) s"))
            .Where(static match => match.Success)
            .Select(static match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    private static async Task<long> UnservedAsync(TunnelFixture tunnel, CancellationToken token)
    {
        var status = await tunnel.Edge.TryGetStatusAsync(token);
        return status!.Value.GetProperty("connections").GetProperty("ended").TryGetProperty("no_tunnel", out var count) ? count.GetInt64() : 0;
    }
}
