using RemoteIngress.Testing;

namespace RemoteIngress.EndToEnd.Tests.Firewall;

/// <summary>Who gets through: real clients at several addresses, in network namespaces, through a real edge and hub.</summary>
public sealed class SourceTests
{
    [Fact]
    public async Task BlockedSources_GetNothing_OthersAreServed()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync("""{ "blockedIps": ["10.77.2.11", "fd77:2::11"] }""", token);

        Assert.True(await rig.IsServedAsync(FirewallRig.B, token));
        Assert.True(await rig.IsServedAsync(FirewallRig.B6, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.A, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.A6, token));
        Assert.Equal(("applied", null), await rig.StatusAsync(token));

        // networks, one within the other, and the other way round
        await rig.ChangeAsync("""{ "blockedIps": ["10.77.2.12/32", "10.77.2.12/31", "fd77:2::12/127", "fd77:2::13"] }""", token);
        Assert.True(await rig.IsServedAsync(FirewallRig.A, token));
        Assert.True(await rig.IsServedAsync(FirewallRig.A6, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.B, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.B6, token));

        await rig.ChangeAsync(null, token);
        Assert.True(await rig.IsServedAsync(FirewallRig.B, token));
        Assert.False(await rig.HasTableAsync(token));
    }

    [Fact]
    public async Task RateLimitPerSource_LetsEachSourcesBurstThrough_AndForgetsNothingWhenOtherPartsChange()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(null, token);
        var limit = $$"""{ "id": "web", "port": {{rig.Port}}, "rate": "1/hour", "burst": 3, "perSourceIP": true }""";
        await rig.ChangeAsync($$"""{ "rateLimits": [{{limit}}] }""", token);

        Assert.Equal("yes yes yes no no", await ServedAsync(rig, FirewallRig.A, 5, token));
        Assert.Equal("yes yes yes no", await ServedAsync(rig, FirewallRig.B, 4, token));
        Assert.Equal("yes yes yes no", await ServedAsync(rig, FirewallRig.A6, 4, token));

        // the same configuration again, with another generation: what was counted stays counted
        await rig.Hub.PutEdgesAsync(token, rig.Spec($$"""{ "rateLimits": [{{limit}}] }""") with { Ports = [.. rig.Spec(null).Ports.Select(port => port with { Open = "confirmed" })] });
        await rig.WaitForAcknowledgementAsync(token);
        Assert.False(await rig.IsServedAsync(FirewallRig.A, token));
    }

    [Fact]
    public async Task RateLimitOverall_IsSharedByAllSources()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(null, token);
        await rig.ChangeAsync($$"""{ "rateLimits": [{ "id": "web", "port": {{rig.Port}}, "protocol": "both", "rate": "1/hour", "burst": 2 }] }""", token);

        Assert.True(await rig.IsServedAsync(FirewallRig.A, token));
        Assert.True(await rig.IsServedAsync(FirewallRig.B6, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.B, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.A6, token));
    }

    [Fact]
    public async Task Rules_ApplyInOrder()
    {
        var token = Timeouts.Token();
        await using var rig = await FirewallRig.StartAsync(null, token);
        var accept = """{ "id": "friend", "direction": "input", "action": "accept", "sourceIP": "10.77.2.11" }""";
        var drop = $$"""{ "id": "web", "direction": "input", "action": "drop", "destPort": {{rig.Port}}, "protocol": "tcp" }""";

        await rig.ChangeAsync($$"""{ "rules": [{{accept}}, {{drop}}] }""", token);
        Assert.True(await rig.IsServedAsync(FirewallRig.A, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.B, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.A6, token));

        await rig.ChangeAsync($$"""{ "rules": [{{drop}}, {{accept}}] }""", token);
        Assert.False(await rig.IsServedAsync(FirewallRig.A, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.B, token));

        await rig.ChangeAsync("""{ "rules": [{ "id": "no", "direction": "input", "action": "reject", "sourceIP": "fd77:2::11", "comment": "\"; flush ruleset" }] }""", token);
        Assert.True(await rig.IsServedAsync(FirewallRig.B6, token));
        Assert.False(await rig.IsServedAsync(FirewallRig.A6, token));
    }

    private static async Task<string> ServedAsync(FirewallRig rig, System.Net.IPAddress source, int times, CancellationToken token)
    {
        var served = new string[times];
        for (var i = 0; i < times; i++)
        {
            served[i] = await rig.IsServedAsync(source, token) ? "yes" : "no";
        }

        return string.Join(' ', served);
    }
}
