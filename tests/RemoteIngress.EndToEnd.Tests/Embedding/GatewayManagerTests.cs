using RemoteIngress.EndToEnd.Tests.Registry;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Embedding;

public sealed class GatewayManagerTests
{
    [Fact]
    public async Task The_sample_of_a_gateway_manager_runs_against_real_hubs_and_starts_an_edge()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync, expectsHeader: false);
        var port = Ports.Free();
        await using var hubs = await RegistryHubs.StartAsync(1, token);
        await using var sample = new ExternalProcess(
            Environment.ProcessPath!,
            ["exec", Repository.Sample("GatewayManager", "GatewayManagerSample"), hubs.Redis.ConnectionString, $"{port}", target.EndPoint.ToString()]);
        const string start = "start an edge: REMOTEINGRESS_TOKEN=";
        var line = await sample.WaitForLineAsync("the token", text => text.StartsWith(start, StringComparison.Ordinal), token);
        await using var edge = new RemoteIngressProcess(
            ["edge", "--transport", "tcpTls", "--status-url", "none"],
            new Dictionary<string, string> { ["REMOTEINGRESS_TOKEN"] = line[start.Length..].Split(' ')[0] });

        Assert.True(await sample.WaitForExitAsync(token) == 0, sample.Text);

        Assert.Equal("created 1, updated 0, removed 0, unchanged 0", sample.OutLines[0]);
        Assert.Contains($"sample-edge listens on {port}", sample.OutLines);
        Assert.Contains(sample.OutLines, text => text.StartsWith("Updated: generation ", StringComparison.Ordinal));
        Assert.Contains("acknowledged", sample.OutLines);
        Assert.Contains("1 hub, 1 edge, 1 connected", sample.OutLines);
        Assert.Equal("done", sample.OutLines[^1]);
        using var client = await TestClient.ConnectAsync(port, token);
        await client.EchoAsync("through the tunnel", token);
    }
}
