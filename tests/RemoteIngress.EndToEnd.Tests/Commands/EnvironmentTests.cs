using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Commands;

/// <summary>A bare <c>remoteingress</c> with nothing in its environment but variables of its own, as in a container.</summary>
public sealed class EnvironmentTests
{
    [Fact]
    public async Task HubAndEdge_ByVariablesAlone_CarryTraffic()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var (tunnelPort, port) = (Ports.Free(), Ports.Free());
        await using var hub = Start(
            "REMOTEINGRESS_MODE=hub",
            $"REMOTEINGRESS_TUNNEL_PORT={tunnelPort}",
            "REMOTEINGRESS_TUNNEL_ADDRESS=127.0.0.1",
            "REMOTEINGRESS_ADMIN_URL=http://127.0.0.1:0",
            $"REMOTEINGRESS_ALLOWED_EDGES_JSON={EdgeSpec.ToJson(new EdgeSpec("env-1", "a secret of the tests") { Ports = [new PortSpec(port, target.EndPoint.ToString())] })}",
            """REMOTEINGRESS_PERFORMANCE_JSON={"loops":1,"maxTunnels":8}""");
        await hub.WaitForLineAsync("is ready", static line => line.StartsWith("hub ", StringComparison.Ordinal) && line.Contains(" is ready: "), token);
        await using var edge = Start(
            "REMOTEINGRESS_MODE=edge",
            "REMOTEINGRESS_HUB_HOST=127.0.0.1",
            $"REMOTEINGRESS_HUB_PORT={tunnelPort}",
            "REMOTEINGRESS_EDGE_ID=env-1",
            "REMOTEINGRESS_SECRET=a secret of the tests",
            "REMOTEINGRESS_STATUS_URL=none",
            "REMOTEINGRESS_STUN_SERVER=none",
            """REMOTEINGRESS_PERFORMANCE_JSON={"loops":1}""");
        await Poll.UntilAsync($"the port accepts\n{edge.Text}", cancellation => Ports.AcceptsAsync(port, cancellation), token);

        using (var client = await TestClient.ConnectAsync(port, token))
        {
            await client.EchoAsync("by variables alone", token);
        }

        Assert.Equal(0, await edge.TerminateAsync(token));
        Assert.Equal(0, await hub.TerminateAsync(token));
    }

    [Fact]
    public async Task WrongValues_OfAHub_ExitWith2_AndAllAreNamedWithTheirPlace()
    {
        var (exitCode, output, error) = await RunAsync(
            "REMOTEINGRESS_MODE=hub",
            "REMOTEINGRESS_TUNNEL_PORT=70000",
            """REMOTEINGRESS_ALLOWED_EDGES_JSON=[{"id":"a","secret":"hunter2","listenPorts":[0]},{"id":"a","secret":"hunter2","color":1}]""",
            """REMOTEINGRESS_PERFORMANCE_JSON={"maxTunnels":0,"colour":1}""");

        Assert.Equal((2, ""), (exitCode, output));
        string[] expected =
        [
            "REMOTEINGRESS_ALLOWED_EDGES_JSON: [0].listenPorts[0]: ", "REMOTEINGRESS_ALLOWED_EDGES_JSON: [1].color: ", "REMOTEINGRESS_ALLOWED_EDGES_JSON: [1].id: ",
            "REMOTEINGRESS_PERFORMANCE_JSON: maxTunnels: ", "REMOTEINGRESS_PERFORMANCE_JSON: unknown field 'colour'; ", "REMOTEINGRESS_TUNNEL_PORT: ",
        ];
        var lines = error.Split('\n').Order(StringComparer.Ordinal).ToArray();
        Assert.True(expected.Length == lines.Length, error);
        Assert.All(lines.Zip(expected), pair => Assert.StartsWith("error: " + pair.Second, pair.First));
        Assert.DoesNotContain("hunter2", error);
    }

    [Fact]
    public async Task WrongValues_OfAnEdge_ExitWith2_AndAllAreNamed()
    {
        var (exitCode, output, error) = await RunAsync(
            "REMOTEINGRESS_MODE=edge", "REMOTEINGRESS_HUB_HOST=h", "REMOTEINGRESS_HUB_PORT=tcp://10.0.0.1:8443", "REMOTEINGRESS_SECRET=hunter2", "REMOTEINGRESS_STUN_SERVER=a b",
            "REMOTEINGRESS_PERFORMANCE_JSON=[");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Equal(
            ["--edge-id", "REMOTEINGRESS_HUB_PORT", "REMOTEINGRESS_PERFORMANCE_JSON", "REMOTEINGRESS_STUN_SERVER"],
            error.Split('\n').Select(line => line.Split(' ')[1].TrimEnd(':')).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("hunter2", error);
    }

    [Theory]
    [InlineData("REMOTEINGRESS_MODE=proxy", "error: REMOTEINGRESS_MODE: is neither hub nor edge; ")]
    [InlineData("REMOTEINGRESS_TOKEN=x", "error: REMOTEINGRESS_MODE: missing although REMOTEINGRESS_TOKEN is set; ")]
    public async Task Mode_WrongOrMissing_ExitsWith2_AndALineSaysSo(string variable, string expected)
    {
        var (exitCode, output, error) = await RunAsync(variable);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(expected, error.Split('\n')[^1]);
    }

    // where the runtime is, when it is not where it is looked for, is all that stays of this process's environment
    private static ExternalProcess Start(params string[] variables) => new(
        Tool.Require("env"),
        ["-i", .. Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root ? new[] { $"DOTNET_ROOT={root}" } : [], .. variables, Repository.Executable]);

    private static async Task<(int ExitCode, string Out, string Error)> RunAsync(params string[] variables)
    {
        await using var process = Start(variables);
        var exitCode = await process.WaitForExitAsync(Timeouts.Token());
        return (exitCode, string.Join('\n', process.OutLines), string.Join('\n', process.ErrorLines));
    }
}
