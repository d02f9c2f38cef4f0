using System.Globalization;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.EndToEnd.Tests.Firewall;

/// <summary>The life of the table <c>inet remoteingress</c>, and that of others beside it.</summary>
public sealed class TableTests
{
    private const string Blocked = """{ "blockedIps": ["10.77.2.11"] }""";

    [Fact]
    public async Task Stop_TakesOurTableAwayAndNoOther()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(null, token);
        await rig.NftAsync(token, "add table inet others; add chain inet others input { type filter hook input priority 0; }; add rule inet others input tcp dport 1 drop");
        await rig.NftAsync(token, "add table ip remoteingress; add set ip remoteingress s { type ipv4_addr; }; add element ip remoteingress s { 192.0.2.1 }");
        var others = await rig.NftAsync(token, "list", "ruleset");

        await rig.ChangeAsync(Blocked, token);
        Assert.True(await rig.HasTableAsync(token));
        Assert.StartsWith(others, await rig.NftAsync(token, "list", "ruleset"));
        Assert.Equal(0, await rig.Edge.Process.TerminateAsync(token));

        Assert.Equal(others, await rig.NftAsync(token, "list", "ruleset"));
        Assert.True(await rig.IsReachableAsync(FirewallRig.A, token));
    }

    [Fact]
    public async Task Kill_LeavesTheTable_AndTheNextStartReplacesIt()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(Blocked, token);
        await KillAsync(rig, token);
        Assert.True(await rig.HasTableAsync(token));
        Assert.False(await rig.IsReachableAsync(FirewallRig.A, token));

        await rig.Hub.PutEdgesAsync(token, rig.Spec("""{ "blockedIps": ["10.77.2.12"] }"""));
        await rig.StartEdgeAsync(token);
        Assert.True(await rig.IsServedAsync(FirewallRig.A, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.B, token));

        await KillAsync(rig, token);
        await rig.Hub.PutEdgesAsync(token, rig.Spec(null));
        await rig.StartEdgeAsync(token);
        Assert.False(await rig.HasTableAsync(token));
        Assert.True(await rig.IsServedAsync(FirewallRig.B, token));
    }

    [Fact]
    public async Task Leftover_StaysInForceUntilTheFirstSnapshot()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(Blocked, token);
        await KillAsync(rig, token);

        // nobody listens there
        await using var alone = rig.CreateEdge("edge-1", "10.77.1.99");
        await Poll.UntilAsync("the table was found", async cancellation => await StateAsync(alone, cancellation) == "kept", token);
        Assert.False(await rig.IsReachableAsync(FirewallRig.A, token));
        Assert.Equal(0, await alone.Process.TerminateAsync(token));
        Assert.False(await rig.HasTableAsync(token));
    }

    [Fact]
    public async Task SecondEdge_IsToldWhoseTableItIs_AndTakesOverWhenItIsFree()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(90));
        await using var rig = await FirewallRig.StartAsync(Blocked, token);
        var first = rig.Edge;
        await rig.Hub.PutEdgesAsync(token, rig.Spec(Blocked), rig.Spec(Blocked) with { Id = "edge-2", Ports = [] });
        await using var second = rig.CreateEdge("edge-2");

        await Poll.UntilAsync("the second edge is told", async cancellation => await StateAsync(second, cancellation) == "unavailable", token);
        var status = (await second.TryGetStatusAsync(token))!.Value.GetProperty("firewall").GetProperty("error").GetString();
        Assert.Contains("another running edge", status);
        Assert.Equal(0, await first.Process.TerminateAsync(token));

        await Poll.UntilAsync("the second edge has the table", async cancellation => await StateAsync(second, cancellation) == "applied", token);
        Assert.False(await rig.IsReachableAsync(FirewallRig.A, token));
        Assert.Single(second.Process.Lines, line => line.Contains("another running edge"));
    }

    [Fact]
    public async Task Metrics_CountWhatWasAppliedAndRemoved()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(Blocked, token);
        await rig.ChangeAsync("""{ "blockedIps": ["10.77.2.12"] }""", token);
        await rig.ChangeAsync(null, token);

        var metrics = await rig.Edge.ReadMetricsAsync(token);

        Assert.Equal(2, metrics.Sum("remoteingress_edge_firewall_updates_total", "result=\"applied\""));
        Assert.Equal(1, metrics.Sum("remoteingress_edge_firewall_updates_total", "result=\"removed\""));
        Assert.Equal(0, metrics.Sum("remoteingress_edge_firewall_updates_total", "result=\"failed\""));
    }

    [Fact]
    public async Task FiftyThousandNetworks_AreAppliedAndReplaced()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        await using var rig = await FirewallRig.StartAsync(Blocked, token);

        // how long it takes is for docs/benchmarks.md: what else the machine does would decide an assertion
        var milliseconds = new List<int>();
        for (var round = 0; round < 2; round++)
        {
            await rig.Hub.PutEdgesAsync(token, rig.Spec($$"""{ "blockedIps": [{{string.Join(',', Networks(round))}}] }"""));
            var applied = $"packet filter of configuration {await rig.Hub.GenerationAsync(TunnelFixture.EdgeId, token)}: applied in ";
            var line = await rig.Edge.Process.WaitForLineAsync(applied, line => line.Contains(applied), token);
            milliseconds.Add(int.Parse(line.Split(applied)[1].Split(' ')[0], CultureInfo.InvariantCulture));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"50,000 networks in force: {string.Join(", ", milliseconds)} ms");
        Assert.Equal(("applied", null), await rig.StatusAsync(token));
        Assert.True((await rig.NftAsync(token, "list", "set", "inet", "remoteingress", "blocked4")).Split(',').Length >= 40_000);
        Assert.True(await rig.IsServedAsync(FirewallRig.B, token));
    }

    /// <summary>No two of them touch, so that none can be merged away; each round has others.</summary>
    private static IEnumerable<string> Networks(int round) => Enumerable.Range(0, 50_000).Select(i =>
        i % 5 == 0 ? $"\"2001:{i:x}:{round}::/48\"" : $"\"{20 + (i / 16384)}.{i / 64 % 256}.{i % 64 * 4}.{round}\"");

    private static async Task KillAsync(FirewallRig rig, CancellationToken token)
    {
        rig.Edge.Process.Send(Signal.Kill);
        await rig.Edge.Process.WaitForExitAsync(token);
    }

    private static async Task<string?> StateAsync(EdgeFixture edge, CancellationToken token) =>
        (await edge.TryGetStatusAsync(token))?.GetProperty("firewall").GetProperty("state").GetString();
}
