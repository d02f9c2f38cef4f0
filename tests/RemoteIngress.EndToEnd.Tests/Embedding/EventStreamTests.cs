using System.Text.Json;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Embedding;

/// <summary><c>GET /api/v1/events</c> of a real hub, read by curl.</summary>
public sealed class EventStreamTests
{
    [Fact]
    public async Task Curl_reads_what_happens_until_the_hub_stops()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        using var data = new TempDirectory();
        await using var hub = await HubFixture.StartAsync(new HubSetup { Data = data, Edges = [TunnelFixture.Spec(port)] }, token);
        await using var all = Read(hub, "");
        await using var edges = Read(hub, "?types=edgeConnected,edgeDisconnected");
        await all.WaitForLineAsync("it is heard", static line => line.StartsWith(": ", StringComparison.Ordinal), token);
        await edges.WaitForLineAsync("it is heard", static line => line.StartsWith(": ", StringComparison.Ordinal), token);

        await using (var edge = new EdgeFixture(hub.Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret))
        {
            await edge.WaitForPortsAsync(Array.Empty<int>(), token);
            await Poll.UntilAsync("the port is open", async _ => await edge.TryGetStatusAsync(token) is { } status && status.GetProperty("listenPorts").GetArrayLength() == 1, token);
            using var client = await TestClient.ConnectAsync(port.Port, token);
            await client.EchoAsync("hello", token);
            client.EndWriting();
            await client.ReceiveToEndAsync(token);
            await all.WaitForLineAsync("the end of the stream", static line => line == "event: streamClosed", token);
            Assert.Equal(0, await edge.Process.TerminateAsync(token));
        }

        await edges.WaitForLineAsync("the end of the edge", static line => line == "event: edgeDisconnected", token);
        Assert.Equal(0, await hub.Process.TerminateAsync(token));
        Assert.Equal(0, await all.WaitForExitAsync(token));
        Assert.Equal(0, await edges.WaitForExitAsync(token));

        Assert.Equal(["edgeConnected", "streamOpened", "streamClosed", "edgeDisconnected"], Names(all));
        Assert.Equal(["edgeConnected", "edgeDisconnected"], Names(edges));
        Assert.Equal(["1", "2", "3", "4"], Fields(all, "id: "));
        Assert.Equal(["1", "4"], Fields(edges, "id: "));
        var opened = JsonSerializer.Deserialize<JsonElement>(Fields(all, "data: ")[1]);
        Assert.Equal(TunnelFixture.EdgeId, opened.GetProperty("edgeId").GetString());
        Assert.Equal(port.Port, opened.GetProperty("port").GetInt32());
        Assert.Equal(target.EndPoint.ToString(), opened.GetProperty("target").GetString());
        Assert.Equal("completed", JsonSerializer.Deserialize<JsonElement>(Fields(all, "data: ")[2]).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Curl_without_the_token_is_refused()
    {
        var token = Timeouts.Token();
        using var data = new TempDirectory();
        await using var hub = await HubFixture.StartAsync(new HubSetup { Data = data }, token);

        var (_, answer, _) = await Tool.RunAsync("curl", ["-sS", "--noproxy", "*", "-w", "%{http_code}", $"{hub.AdminUrl}/api/v1/events"], token);

        Assert.EndsWith("401", answer, StringComparison.Ordinal);
    }

    private static ExternalProcess Read(HubFixture hub, string query) => new(
        Tool.Require("curl"),
        ["-sSN", "--fail", "--noproxy", "*", "-H", $"Authorization: Bearer {hub.Setup.AdminToken}", $"{hub.AdminUrl}/api/v1/events{query}"]);

    private static List<string> Names(ExternalProcess curl) => Fields(curl, "event: ");

    private static List<string> Fields(ExternalProcess curl, string name) =>
        [.. curl.OutLines.Where(line => line.StartsWith(name, StringComparison.Ordinal)).Select(line => line[name.Length..])];
}
