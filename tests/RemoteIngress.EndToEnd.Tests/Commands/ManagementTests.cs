using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Commands;

public sealed class ManagementTests
{
    [Fact]
    public async Task Edges_WholeLife_ThroughTheCommands()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        using var data = new TempDirectory();
        await using var target = new TargetServer(Handlers.EchoAsync);
        await using var hub = await HubFixture.StartAsync(new HubSetup { Data = data }, token);
        var port = TunnelFixture.Port(target.EndPoint);
        var file = data.Write("list.json", EdgeSpec.ToJson(TunnelFixture.Spec(port)));

        Assert.Contains("created    1  edge-1", await RunAsync(hub, token, "edges", "set", file));
        Assert.Contains("unchanged  1  edge-1", await RunAsync(hub, token, "edges", "set", file));
        Assert.Contains($"{port.Port}", await RunAsync(hub, token, "edges", "list"));
        Assert.Contains("edge-1", await RunAsync(hub, token, "edges", "get", "edge-1"));
        var secret = await RunAsync(hub, token, "edges", "rotate-secret", "edge-1");
        Assert.NotEqual(TunnelFixture.Secret, secret);

        await using var edge = new EdgeFixture(hub.Setup.TunnelPort, "edge-1", secret);
        await edge.WaitForPortsAsync([port.Port], token);
        Assert.Contains("edge-1", await RunAsync(hub, token, "status"));
        using (var status = JsonDocument.Parse(await RunAsync(hub, token, "status", "--json")))
        {
            Assert.Equal(1, status.RootElement.GetProperty("connectedEdges").GetArrayLength());
        }

        Assert.Contains("removed edge-1", await RunAsync(hub, token, "edges", "remove", "edge-1"));
        Assert.DoesNotContain("edge-1", await RunAsync(hub, token, "edges", "list"));
    }

    [Fact]
    public async Task Token_OfTheHub_ConnectsAnEdge()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        using var data = new TempDirectory();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        var setup = new HubSetup { Data = data, Edges = [TunnelFixture.Spec(port)] };
        await using var hub = await HubFixture.StartAsync(setup with { Arguments = ["--advertise", $"127.0.0.1:{setup.TunnelPort}"] }, token);
        var connection = await RunAsync(hub, token, "edges", "token", "edge-1", "--secret", TunnelFixture.Secret);

        await using var edge = new RemoteIngressProcess(
            ["--status-url", "none"], new Dictionary<string, string> { ["REMOTEINGRESS_MODE"] = "edge", ["REMOTEINGRESS_TOKEN"] = connection });
        await Poll.UntilAsync("the port accepts", cancellation => Ports.AcceptsAsync(port.Port, cancellation), token);

        using (var client = await TestClient.ConnectAsync(port.Port, token))
        {
            await client.EchoAsync("by token and mode", token);
        }

        Assert.Equal(0, await edge.TerminateAsync(token));
    }

    [Fact]
    public async Task Hub_ByModeAndVariables_IsReady()
    {
        var token = Timeouts.Token();
        await using var hub = new RemoteIngressProcess([], new Dictionary<string, string>
        {
            ["REMOTEINGRESS_MODE"] = "hub",
            ["REMOTEINGRESS_TUNNEL_PORT"] = "0",
            ["REMOTEINGRESS_ADMIN_URL"] = "http://127.0.0.1:0",
            ["REMOTEINGRESS_ALLOWED_EDGES_JSON"] = """[{"id":"a","secret":"hunter2-hunter2"}]""",
        });

        var line = await hub.WaitForLineAsync("is ready", text => text.Contains(" is ready: "), token);

        Assert.Matches(@"^hub \S+ is ready: tunnels on \[::\]:[1-9]\d*, API on http://127\.0\.0\.1:[1-9]\d*$", line);
        Assert.Equal(0, await hub.TerminateAsync(token));
    }

    [Fact]
    public async Task WrongAdminToken_ExitsWith1AndNamesIt()
    {
        var token = Timeouts.Token();
        using var data = new TempDirectory();
        await using var hub = await HubFixture.StartAsync(new HubSetup { Data = data }, token);

        var (exitCode, _, error) = await RemoteIngressProcess.RunAsync(
            ["edges", "list", "--admin-url", hub.AdminUrl, "--admin-token", "not-the-admin-token"], token);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("error: --admin-token: ", error);
        Assert.DoesNotContain("not-the-admin-token", error);
    }

    [Fact]
    public async Task InvalidList_ExitsWith1AndNamesEveryError()
    {
        var token = Timeouts.Token();
        using var data = new TempDirectory();
        await using var hub = await HubFixture.StartAsync(new HubSetup { Data = data }, token);
        var file = data.Write("bad.json", """[{"id":"a","secret":"x","listenPorts":[0]},{"id":"a","secret":"y","color":1}]""");

        var (exitCode, _, error) = await RemoteIngressProcess.RunAsync(
            ["edges", "set", file, "--admin-url", hub.AdminUrl, "--admin-token", hub.Setup.AdminToken], token);

        Assert.Equal(1, exitCode);
        Assert.Equal(3, error.Split('\n').Length);
        Assert.All(error.Split('\n'), line => Assert.StartsWith("error: [", line));
    }

    [Fact]
    public async Task NoHub_ExitsWith1AndOneLineWithTheCure()
    {
        var (exitCode, output, error) = await RemoteIngressProcess.RunAsync(
            ["status", "--admin-url", $"http://127.0.0.1:{Ports.Free()}"], Timeouts.Token());

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("error: --admin-url: no hub answers", error);
        Assert.DoesNotContain('\n', error);
    }

    private static async Task<string> RunAsync(HubFixture hub, CancellationToken token, params string[] arguments)
    {
        var (exitCode, output, error) = await RemoteIngressProcess.RunAsync(
            arguments,
            new Dictionary<string, string> { ["REMOTEINGRESS_ADMIN_URL"] = hub.AdminUrl, ["REMOTEINGRESS_ADMIN_TOKEN"] = hub.Setup.AdminToken },
            token);
        Assert.True(exitCode == 0, error);
        return output;
    }
}
