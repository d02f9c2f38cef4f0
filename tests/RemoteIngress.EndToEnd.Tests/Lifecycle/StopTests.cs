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
