using RemoteIngress.Testing;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.EndToEnd.Tests.Firewall;

/// <summary>What happens without rights, with what nft refuses, and with rules that would cut everybody off.</summary>
public sealed class FailureTests
{
    private const string Blocked = """{ "blockedIps": ["10.77.2.11"] }""";

    // Root, but for the one right that it takes.
    private static readonly string[] NoRights = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"];

    [Fact]
    public async Task WithoutRights_TheTunnelWorks_AndEverybodyIsToldWhyTheFilterDoesNot()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(Blocked, token, launcher: NoRights);

        Assert.True(await rig.IsServedAsync(FirewallRig.A, token));
        var (state, error) = await rig.StatusAsync(token);
        Assert.Equal("unavailable", state);
        Assert.Contains("Operation not permitted", error);
        var acknowledged = await rig.WaitForAcknowledgementAsync(token);
        Assert.Equal("auto", acknowledged!.Value.GetProperty("mode").GetString());
        Assert.Equal("unavailable", acknowledged.Value.GetProperty("state").GetString());
        Assert.Equal(error, acknowledged.Value.GetProperty("error").GetString());
        await rig.ChangeAsync("""{ "blockedIps": ["10.77.2.12"] }""", token);
        Assert.Single(rig.Edge.Process.Lines, line => line.Contains("Operation not permitted"));
    }

    [Fact]
    public async Task Required_WithoutRights_RefusesToStart()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(null, token);

        await using var edge = rig.CreateEdge("edge-2", arguments: ["--firewall", "required", "--log-level", "none"], launcher: NoRights);

        Assert.Equal(1, await edge.Process.WaitForExitAsync(token));
        var line = Assert.Single(edge.Process.ErrorLines);
        Assert.StartsWith("error: --firewall: required, and the packet filter cannot be used: ", line);
        Assert.Contains("Operation not permitted", line);
        Assert.Contains("CAP_NET_ADMIN", line);
    }

    [Fact]
    public async Task Required_WithRights_Starts_AndOffDoesNothing()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(Blocked, token, ["--firewall", "required"]);
        Assert.Equal(("applied", null), await rig.StatusAsync(token));
        Assert.Equal(0, await rig.Edge.Process.TerminateAsync(token));

        await rig.StartEdgeAsync(token, arguments: ["--firewall", "off"]);
        Assert.Equal("off", (await rig.WaitForAcknowledgementAsync(token))!.Value.GetProperty("state").GetString());
        Assert.True(await rig.IsServedAsync(FirewallRig.A, token));
        Assert.False(await rig.HasTableAsync(token));
    }

    [Fact]
    public async Task Refused_KeepsTheLastGoodOne_AndReportsNftsWords()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(Blocked, token);

        // passes every check of the hub, and is more than the kernel can count in nanoseconds
        const string refused = """{ "rateLimits": [{ "id": "far", "port": 9, "rate": "1/hour", "burst": 10000000, "perSourceIP": false }] }""";
        var (exitCode, _, _) = await rig.EdgeNetwork.ExecAsync("nft", ["-c", "add table inet t { limit l { rate over 1/hour burst 10000000 packets; } }"], token);
        Assert.SkipWhen(exitCode == 0, "this kernel takes a burst that it cannot count");
        var result = await rig.ChangeAsync(refused, token);

        Assert.Equal("failed", result!.Value.GetProperty("state").GetString());
        Assert.Contains("Value too large for defined data type", result.Value.GetProperty("error").GetString());
        Assert.Equal("failed", (await rig.StatusAsync(token)).State);
        Assert.Contains(rig.Edge.Process.Lines, line => line.Contains("Value too large for defined data type"));
        Assert.False(await rig.IsServedAsync(FirewallRig.A, token));
        Assert.True(await rig.IsServedAsync(FirewallRig.B, token));

        Assert.Equal("applied", (await rig.ChangeAsync("""{ "blockedIps": ["10.77.2.12"] }""", token))!.Value.GetProperty("state").GetString());
        Assert.True(await rig.IsServedAsync(FirewallRig.A, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.B, token));
    }

    [Fact]
    public async Task DropEverything_DoesNotCutTheTunnel_AndCanBeTakenBack()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(null, token);
        const string everything = """
            { "blockedIps": ["0.0.0.0/0", "::/0"],
              "rules": [{ "id": "in", "direction": "input", "action": "drop" }, { "id": "out", "direction": "output", "action": "drop" }] }
            """;

        await rig.ChangeAsync(everything, token);
        Assert.False(await rig.IsServedAsync(FirewallRig.A, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.A6, token));

        // new connections to the hub are possible, too, and from an edge that finds the rules in force, to an address that they do not know
        rig.Edge.Process.Send(Signal.Kill);
        await rig.Edge.Process.WaitForExitAsync(token);
        await rig.StartEdgeAsync(token, FirewallRig.OtherHubAddress);
        Assert.False(await rig.IsServedAsync(FirewallRig.A, token));

        await rig.ChangeAsync(null, token);
        Assert.True(await rig.IsServedAsync(FirewallRig.A, token));
        Assert.True(await rig.IsServedAsync(FirewallRig.A6, token));
    }

    [Fact]
    public async Task FlushedBySomebody_ComesBackWithTheNextConfiguration()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(Blocked, token);
        await rig.NftAsync(token, "flush", "ruleset");
        Assert.True(await rig.IsServedAsync(FirewallRig.A, token));

        await rig.ChangeAsync("""{ "blockedIps": ["10.77.2.11", "10.77.2.99"] }""", token);

        Assert.False(await rig.IsServedAsync(FirewallRig.A, token));
    }
}
