using System.Diagnostics;
using System.Globalization;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Registry;

/// <summary>A change through one hub, seen at an edge whose tunnels another hub holds. infra/scripts/scale.sh makes more of them and shows the times.</summary>
public sealed class PushTests
{
    private static readonly int Updates = int.Parse(Environment.GetEnvironmentVariable("REMOTEINGRESS_SCALE_UPDATES") is { Length: > 0 } text ? text : "25", CultureInfo.InvariantCulture);
    // Without the push it is the poll, every 5 s.
    private static readonly TimeSpan RemoveLimit = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task PortsChangedThroughAHubWithoutTheTunnel_OpenAtTheEdge()
    {
        var token = Timeouts.Within(TimeSpan.FromMinutes(3));
        await using var target = new TargetServer(Handlers.EchoAsync);
        var kept = TunnelFixture.Port(target.EndPoint);
        await using var hubs = await RegistryHubs.StartAsync(2, token, TunnelFixture.Spec(kept));
        await using var edge = new EdgeFixture(hubs[0].Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret, "--max-hubs", "1");
        await edge.WaitForPortsAsync([kept.Port], token);
        Assert.Empty(await hubs[1].ConnectedEdgesAsync(token));

        var times = new List<double>();
        for (var i = 0; i < Updates; i++)
        {
            var added = TunnelFixture.Port(target.EndPoint);
            var json = TunnelFixture.Spec(kept, added).ToNode().ToJsonString();
            var clock = Stopwatch.StartNew();
            var put = hubs[1].PutAsync("edges/" + TunnelFixture.EdgeId, json, token);
            await UntilOpenAsync(added.Port, token);
            times.Add(clock.Elapsed.TotalMilliseconds);
            Assert.Equal(200, (await put).Status);
        }

        times.Sort();
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"update through a hub without the tunnel until the port is open: {Updates} updates, p50 {At(times, 0.5):0.0} ms, p99 {At(times, 0.99):0.0} ms, max {times[^1]:0.0} ms");
        ScaleReport.Write(line);
    }

    [Fact]
    public async Task EdgeRemovedThroughOneHub_ItsTunnelsEndOnEveryHubWithinASecond()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var hubs = await RegistryHubs.StartAsync(2, token, TunnelFixture.Spec(port));
        await using var edge = new EdgeFixture(
            hubs[0].Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret, "--hub", $"127.0.0.1:{hubs[1].Setup.TunnelPort}");
        await edge.WaitForPortsAsync([port.Port], token);
        foreach (var hub in hubs.All)
        {
            await Poll.UntilAsync("both hubs have it", async cancellation => (await hub.ConnectedEdgesAsync(cancellation)).Count == 1, token);
        }

        var clock = Stopwatch.StartNew();
        Assert.Equal(200, (await hubs[1].DeleteAsync("edges/" + TunnelFixture.EdgeId, token)).Status);
        foreach (var hub in hubs.All)
        {
            await Poll.UntilAsync("no hub has it", async cancellation => (await hub.ConnectedEdgesAsync(cancellation)).Count == 0, token);
        }

        Assert.True(clock.Elapsed < RemoveLimit, $"took {clock.ElapsedMilliseconds} ms");
    }

    private static async Task UntilOpenAsync(int port, CancellationToken token)
    {
        while (!await Ports.AcceptsAsync(port, token))
        {
            // what is measured is shorter than the pause that tests usually make
            await Task.Delay(1, token);
        }
    }

    private static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];
}
