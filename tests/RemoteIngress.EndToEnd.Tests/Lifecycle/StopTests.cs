using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Lifecycle;

public sealed class StopTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sigterm_Idle_ExitsWith0LongBeforeTheDrainTimeout(bool hub)
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(25));
        await using var tunnel = await TunnelFixture.StartAsync(token);
        var process = hub ? tunnel.Hub.Process : tunnel.Edge.Process;

        // the drain may take 30 s: the token above ends sooner
        Assert.Equal(0, await process.TerminateAsync(token));
        Assert.DoesNotContain(process.ErrorLines, line => line.Contains("Unhandled", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sigterm_WithAnOpenConnection_LetsItFinish(bool hub)
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(25));
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        var process = hub ? tunnel.Hub.Process : tunnel.Edge.Process;
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("before", token);

        process.Send(Signal.Terminate);
        await (hub ? WaitForHubDrainAsync(tunnel, token) : WaitForEdgeDrainAsync(port.Port, token));
        await client.EchoAsync("during the drain", token);
        Assert.False(process.HasExited);
        client.Dispose();

        Assert.Equal(0, await process.WaitForExitAsync(token));
    }

    [Fact]
    public async Task Sigint_TwiceAtTheHub_ExitsAtOnce()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(25));
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("keeps the drain waiting", token);

        tunnel.Hub.Process.Send(Signal.Terminate);
        await WaitForHubDrainAsync(tunnel, token);
        tunnel.Hub.Process.Send(Signal.Interrupt);

        Assert.Equal(1, await tunnel.Hub.Process.WaitForExitAsync(token));
    }

    [Fact]
    public async Task Sigint_Twice_ExitsAtOnce()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(25));
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("keeps the drain waiting", token);

        tunnel.Edge.Process.Send(Signal.Interrupt);
        await WaitForEdgeDrainAsync(port.Port, token);
        tunnel.Edge.Process.Send(Signal.Interrupt);

        Assert.Equal(1, await tunnel.Edge.Process.WaitForExitAsync(token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sigterm_UnderLoad_LetsTransfersFinishAndExitsWith0(bool hub)
    {
        const long length = 192L << 20;
        const int transfers = 4;
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        await using var nginx = await NginxTool.StartAsync(token);
        await using var source = new TargetServer(Handlers.SourceAsync);
        var (web, bulk) = (TunnelFixture.Port(nginx.Port), TunnelFixture.Port(source.EndPoint));
        await using var tunnel = await TunnelFixture.StartAsync([web, bulk], ["--drain-timeout", "60s"], ["--drain-timeout", "60s"], token);
        var process = hub ? tunnel.Hub.Process : tunnel.Edge.Process;
        var wrk = Tool.RunAsync("wrk", ["-c", "32", "-t", "1", "-d", "5s", $"http://127.0.0.1:{web.Port}/"], token);
        var clients = new List<TestClient>();
        for (var i = 0; i < transfers; i++)
        {
            clients.Add(await TestClient.ConnectAsync(bulk.Port, token));
            await clients[i].SendAsync($"{length}\n", token);
            await clients[i].WaitForDataAsync(token);
        }

        process.Send(Signal.Terminate);
        await (hub ? WaitForHubDrainAsync(tunnel, token) : WaitForEdgeDrainAsync(bulk.Port, token));
        var digests = await Task.WhenAll(clients.Select(client => client.DigestToEndAsync(token)));

        Assert.All(digests, digest => Assert.Equal($"{length} {Pattern.Sha256(length)}", digest));
        await wrk;

        // half a connection is one too: the drain is over when the clients have closed theirs, long before its 60 s
        clients.ForEach(static client => client.Dispose());
        Assert.Equal(0, await process.WaitForExitAsync(token));
        Assert.DoesNotContain("connections still open", process.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("were cut", process.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sigterm_WithAConnectionThatNeverEnds_CutsItByTheTimeoutAndExitsWith0(bool hub)
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync([port], ["--drain-timeout", "2s"], ["--drain-timeout", "2s"], token);
        var process = hub ? tunnel.Hub.Process : tunnel.Edge.Process;
        using var client = await TestClient.ConnectAsync(port.Port, token);
        await client.EchoAsync("stays", token);

        Assert.Equal(0, await process.TerminateAsync(token));
        await Assert.ThrowsAnyAsync<Exception>(() => client.EchoAsync("is gone", token));
        await Poll.UntilAsync("the target's connection ended", () => target.Active == 0, token);
    }

    [Fact]
    public async Task Stop_OfTheEdge_LeavesNoPortBehind()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);

        await tunnel.Edge.Process.TerminateAsync(token);

        Assert.False(await Ports.AcceptsAsync(port.Port, token));
        await Poll.UntilAsync("the hub forgot it", async cancellation => (await tunnel.Hub.ConnectedEdgesAsync(cancellation)).Count == 0, token);
    }

    private static async Task WaitForEdgeDrainAsync(int port, CancellationToken token) =>
        await Poll.UntilAsync("the edge accepts no more", async cancellation => !await Ports.AcceptsAsync(port, cancellation), token);

    /// <summary>A hub that drains said GOAWAY: the edge has no tunnel left for new connections.</summary>
    private static async Task WaitForHubDrainAsync(TunnelFixture tunnel, CancellationToken token) => await Poll.UntilAsync(
        "the edge knows of the drain",
        async cancellation => await tunnel.Edge.GetStatusCodeAsync("/readyz", cancellation) != System.Net.HttpStatusCode.OK,
        token);
}
