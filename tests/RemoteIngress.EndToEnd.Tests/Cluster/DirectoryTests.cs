using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>Hubs know each other, edges follow them, and any hub shows and drains any other. Real processes on loopback.</summary>
public sealed class DirectoryTests
{
    // An edge that is not told never finds out.
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task EdgeGivenOneHub_FindsTheOthers_LosesOneThatDies_AndComesBackByWhatItKept()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(100));
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var cluster = await DirectoryCluster.StartAsync(3, token, port);
        var (one, two, three) = (cluster[0], cluster[1], cluster[2]);
        await using (var edge = cluster.StartEdge(one))
        {
            await edge.WaitForTunnelsAsync(token, Ready(one), Ready(two), Ready(three));
            var four = await cluster.AddHubAsync(token);
            Assert.InRange(await edge.WaitForTunnelsAsync(token, Ready(one), Ready(two), Ready(three), Ready(four)), TimeSpan.Zero, Seconds);
            await ClusterIsShownAsync(two, token);

            await four.KillAsync(token);
            var gone = await Poll.UntilAsync(
                "the dead hub is out", async cancellation => await two.HubsAsync(cancellation) == "hub-1 ready, hub-2 ready, hub-3 ready", token);
            Assert.InRange(gone, TimeSpan.Zero, Seconds);
            Assert.InRange(await edge.WaitForTunnelsAsync(token, Ready(one), Ready(two), Ready(three)), TimeSpan.Zero, Seconds);
            Assert.Equal(0, await edge.Process.TerminateAsync(token));
        }

        await one.KillAsync(token);
        await using var again = cluster.StartEdge(one);
        await Poll.UntilAsync("the port accepts", cancellation => Ports.AcceptsAsync(port.Port, cancellation), token);
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("without the hub it was given", token);
        Assert.Contains($"tunnel to {two.Address} is up", again.Process.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HubIsDrainedThroughAnother_DownloadsFinish_NewConnectionsDoNotNotice_ItsProcessEndsWith0()
    {
        const long length = 64L << 20;
        var token = Timeouts.Within(TimeSpan.FromSeconds(100));
        await using var source = new TargetServer(Handlers.SourceAsync);
        await using var echo = new TargetServer(Handlers.EchoAsync);
        var (bulk, port) = (TunnelFixture.Port(source.EndPoint), TunnelFixture.Port(echo.EndPoint));
        await using var cluster = await DirectoryCluster.StartAsync(2, token, bulk, port);
        var (leaving, staying) = (cluster[0], cluster[1]);
        await using var edge = cluster.StartEdge(leaving);
        await edge.WaitForTunnelsAsync(token, Ready(leaving), Ready(staying));
        await Poll.UntilAsync("the port accepts", cancellation => Ports.AcceptsAsync(bulk.Port, cancellation), token);
        var downloads = new List<TestClient>();
        while (!await HasStreamsAsync(staying, leaving.Id, token))
        {
            downloads.Add(await TestClient.ConnectAsync(bulk.Port, token));
            await downloads[^1].SendAsync($"{length}\n", token);
            await downloads[^1].WaitForDataAsync(token);
        }

        var (refused, _, error) = await staying.RunAsync(token, "hubs", "drain", "hub-9");
        Assert.Equal(1, refused);
        Assert.Contains("there is no hub 'hub-9'", error, StringComparison.Ordinal);
        Assert.Equal((0, "draining hub-1"), await staying.RunAsync(token, "hubs", "drain", leaving.Id) is var drained ? (drained.ExitCode, drained.Out) : default);

        for (var i = 0; i < 100; i++)
        {
            using var client = await TestClient.ConnectAsync(port.Port, token);
            await client.EchoAsync($"connection {i} beside the drain", token);
        }

        var table = (await staying.RunAsync(token, "hubs", "list")).Out;
        Assert.Matches(@"(?m)^hub-1 +draining ", table);
        Assert.Matches(@"(?m)^hub-2 +ready ", table);
        Assert.False(leaving.Process.HasExited);
        Assert.All(await Task.WhenAll(downloads.Select(client => client.DigestToEndAsync(token))), digest => Assert.Equal($"{length} {Pattern.Sha256(length)}", digest));
        downloads.ForEach(static client => client.Dispose());
        Assert.Equal(0, await leaving.Process.WaitForExitAsync(token));
        Assert.DoesNotContain("were cut", leaving.Process.Text, StringComparison.Ordinal);
        await Poll.UntilAsync("it left", async cancellation => await staying.HubsAsync(cancellation) == "hub-2 ready", token);
    }

    [Fact]
    public async Task HubWithTwoNames_HasOneTunnelOfEachLoop()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        using var data = new TempDirectory();
        var edges = data.Write("edges.json", EdgeSpec.ToJson(TunnelFixture.Spec(port)));
        var tunnelPort = Ports.Free();
        await using var hub = new DirectoryHub("hub-1", ["--allowed-edges", edges], tunnelPort, advertise: $"localhost:{tunnelPort}");
        await hub.ReadyAsync(token);
        await using var edge = new DirectoryEdge(hub.Address, "--performance", data.Write("performance.json", """{"loops":2}"""));

        await edge.WaitForTunnelsAsync(token, Ready(hub), ($"localhost:{hub.TunnelPort}", "standby"));

        await Poll.UntilAsync(
            "two tunnels, one of each loop",
            async cancellation => (await hub.GetAsync("hubs", cancellation))[0].GetProperty("tunnels").GetInt32() == 2,
            token);
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("through one of them", token);
        Assert.Contains("is another name of hub hub-1", edge.Process.Text, StringComparison.Ordinal);
    }

    private static (string Hub, string State) Ready(DirectoryHub hub) => (hub.Address, "ready");

    private static async Task ClusterIsShownAsync(DirectoryHub hub, CancellationToken token)
    {
        await Poll.UntilAsync(
            "every hub holds the edge, and it has acknowledged at each",
            async cancellation =>
            {
                var edges = (await hub.GetAsync("status", cancellation)).GetProperty("cluster").GetProperty("edges");
                return edges.GetArrayLength() == 1 && edges[0].GetProperty("inSync").GetBoolean() && edges[0].GetProperty("heldBy").GetArrayLength() == 4;
            },
            token);
        var shown = (await hub.RunAsync(token, "status")).Out;
        Assert.Contains("cluster  hubs: 4  edges: 1 connected of 1", shown, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^edge-1 +\d+ +yes +hub-1 \(\d+\), hub-2 \(\d+\), hub-3 \(\d+\), hub-4 \(\d+\)$", shown);
    }

    private static async Task<bool> HasStreamsAsync(DirectoryHub asked, string hubId, CancellationToken token) =>
        (await asked.GetAsync("hubs", token)).EnumerateArray().Any(
            hub => hub.GetProperty("hubId").GetString() == hubId && hub.GetProperty("activeStreams").GetInt64() > 0);
}
