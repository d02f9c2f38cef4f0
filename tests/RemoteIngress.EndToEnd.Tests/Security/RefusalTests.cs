using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;

namespace RemoteIngress.EndToEnd.Tests.Security;

public sealed class RefusalTests
{
    [Fact]
    public async Task WrongSecret_IsRefusedAndLoggedOnceOnBothSides()
    {
        var token = Timeouts.Token();
        using var data = new TempDirectory();
        await using var hub = await StartHubAsync(data, token);
        await using var edge = new EdgeFixture(hub.Setup.TunnelPort, TunnelFixture.EdgeId, "not-the-secret");

        await WaitForRefusalAsync(hub, edge, TunnelFixture.EdgeId, token);

        Assert.False(await edge.IsConnectedAsync(token));
        Assert.Empty(await hub.ConnectedEdgesAsync(token));
        await AssertLoggedOnceAsync(hub, edge, TunnelFixture.EdgeId, token);
    }

    [Fact]
    public async Task UnknownEdge_IsRefusedLikeAWrongSecret()
    {
        var token = Timeouts.Token();
        using var data = new TempDirectory();
        await using var hub = await StartHubAsync(data, token);
        await using var unknown = new EdgeFixture(hub.Setup.TunnelPort, "nobody", TunnelFixture.Secret);
        var toUnknown = await WaitForRefusalAsync(hub, unknown, "nobody", token);

        // the hub gives an address one line a minute for a reason: the second refusal is told by its edge
        await using var wrong = new EdgeFixture(hub.Setup.TunnelPort, TunnelFixture.EdgeId, "not-the-secret");
        var toWrong = await wrong.Process.WaitForLineAsync("refusal", IsEdgeRefusal, token);

        // whoever guesses ids must not learn from the answer which ones exist
        Assert.Equal(Reason(toWrong), Reason(toUnknown));
        Assert.Empty(await hub.ConnectedEdgesAsync(token));
    }

    [Fact]
    public async Task ManInTheMiddle_WithAnotherCertificate_IsRefused()
    {
        var token = Timeouts.Token();
        using var data = new TempDirectory();
        await using var hub = await StartHubAsync(data, token);
        await using var relay = new TlsRelay(hub.Setup.TunnelPort);
        await using var edge = new EdgeFixture(relay.Port, TunnelFixture.EdgeId, TunnelFixture.Secret);

        await WaitForRefusalAsync(hub, edge, TunnelFixture.EdgeId, token);

        Assert.True(relay.Connections > 0);
        Assert.True(relay.BytesFromHub > 0, "the relay never spoke to the hub: nothing was shown");
        Assert.False(await edge.IsConnectedAsync(token));
        Assert.Empty(await hub.ConnectedEdgesAsync(token));

        // the same edge without the relay is welcome: it was the certificate
        await using var direct = new EdgeFixture(hub.Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret);
        await Poll.UntilAsync("the direct edge is connected", direct.IsConnectedAsync, token);
    }

    private static Task<HubFixture> StartHubAsync(TempDirectory data, CancellationToken token) =>
        HubFixture.StartAsync(new HubSetup { Data = data, Edges = [TunnelFixture.Spec()] }, token);

    /// <summary>Waits until both have logged it; returns the edge's line.</summary>
    private static async Task<string> WaitForRefusalAsync(HubFixture hub, EdgeFixture edge, string edgeId, CancellationToken token)
    {
        await hub.Process.WaitForLineAsync($"refusal of {edgeId}", line => IsHubRefusal(line, edgeId), token);
        return await edge.Process.WaitForLineAsync("refusal", IsEdgeRefusal, token);
    }

    private static async Task AssertLoggedOnceAsync(HubFixture hub, EdgeFixture edge, string edgeId, CancellationToken token)
    {
        // every loop of the edge has tried by the time it has stopped
        Assert.Equal(0, await edge.Process.TerminateAsync(token));
        Assert.Single(edge.Process.ErrorLines, IsEdgeRefusal);
        Assert.Single(hub.Process.ErrorLines, line => IsHubRefusal(line, edgeId));
    }

    private static bool IsHubRefusal(string line, string edgeId) => line.Contains(" warn: ") && line.Contains(edgeId);

    private static bool IsEdgeRefusal(string line) => (line.Contains(" warn: ") || line.Contains(" fail: ")) && line.Contains("tunnel to ");

    /// <summary>The text after the hub's address, which differs by nothing but the reason.</summary>
    private static string Reason(string line)
    {
        var text = line[line.IndexOf("tunnel to ", StringComparison.Ordinal)..];
        var end = text.LastIndexOf("; next attempt", StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }
}
