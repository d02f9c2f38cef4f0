using System.Net;
using System.Net.Sockets;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Lifecycle;

public sealed class BusyPortTests
{
    [Theory]
    [InlineData("--tunnel-port")]
    [InlineData("--admin-url")]
    [InlineData("--silo-port")]
    public async Task Hub_PortInUse_ExitsWith1AndOneLineThatNamesIt(string option)
    {
        using var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        var port = ((IPEndPoint)busy.LocalEndpoint).Port;
        var value = option == "--admin-url" ? $"http://127.0.0.1:{port}" : $"{port}";
        string[] other = option switch
        {
            "--admin-url" => ["--tunnel-port", "0"],
            "--tunnel-port" => ["--admin-url", "http://127.0.0.1:0"],
            _ => ["--tunnel-port", "0", "--admin-url", "http://127.0.0.1:0"],
        };

        var (exitCode, _, error) = await RemoteIngressProcess.RunAsync(
            ["hub", "--tunnel-address", "127.0.0.1", option, value, .. other, "--log-level", "none"], Timeouts.Token());

        Assert.Equal(1, exitCode);
        Assert.Matches($"^error: {option}\\b", error);
        Assert.DoesNotContain('\n', error);
        Assert.Contains($"{port}", error);
    }

    [Fact]
    public async Task Edge_StatusPortInUse_ExitsWith1AndOneLineThatNamesIt()
    {
        using var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();

        var (exitCode, _, error) = await RemoteIngressProcess.RunAsync(
            ["edge", "--hub", "127.0.0.1:1", "--edge-id", "e", "--secret", "s", "--status-url", $"http://{busy.LocalEndpoint}", "--log-level", "none"],
            Timeouts.Token());

        Assert.Equal(1, exitCode);
        Assert.StartsWith("error: --status-url: ", error);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public async Task Edge_PublicPortInUse_ReportsItServesTheOthersAndTakesItWhenItIsFree()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(90));
        await using var target = new TargetServer(Handlers.EchoAsync);
        var (free, taken) = (TunnelFixture.Port(target.EndPoint), TunnelFixture.Port(target.EndPoint));
        var busy = new TcpListener(IPAddress.IPv6Any, taken.Port);
        busy.Server.DualMode = true;
        busy.Start();
        using var data = new TempDirectory();
        await using var hub = await HubFixture.StartAsync(new HubSetup { Data = data, Edges = [TunnelFixture.Spec(free, taken)] }, token);
        await using var edge = new EdgeFixture(hub.Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret);
        await edge.WaitForPortsAsync([free.Port], token);

        await Poll.UntilAsync(
            "the registry knows of the failure",
            async cancellation => (await hub.GetAsync("edges/" + TunnelFixture.EdgeId, cancellation)).Contains("\"bound\":false", StringComparison.Ordinal),
            token);
        using (var client = await TestClient.ConnectAsync(free.Port, token))
        {
            await client.EchoAsync("the other port works", token);
        }

        busy.Dispose();
        await Poll.UntilAsync("the edge took the port", cancellation => Ports.AcceptsAsync(taken.Port, cancellation), token);
        using var late = await TestClient.ConnectAsync(taken.Port, token);
        await late.EchoAsync("this one too", token);
    }
}
