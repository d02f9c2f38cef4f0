using System.Collections.Immutable;

namespace RemoteIngress.Contracts.Tests.Edges;

public sealed class EdgeSettingsComparerTests
{
    private static readonly RateLimit Limit = new() { Id = "l", Port = 443, Rate = "1/second" };
    private static readonly FirewallRule First = new() { Id = "a", Direction = "input", Action = "drop" };
    private static readonly FirewallRule Second = new() { Id = "b", Direction = "input", Action = "accept" };

    private static readonly EdgeSettings Full = new()
    {
        ListenPorts = [80, 443],
        ListenPortsUdp = [53],
        StunIntervalSecs = 300,
        FirewallConfig = new FirewallConfig { BlockedIps = ["192.0.2.1", "192.0.2.2"], RateLimits = [Limit], Rules = [First, Second] },
        PortOptions = Options(("443", new PortOptions { ProxyProtocol = "v2" })),
    };

    public static TheoryData<EdgeSettings, string> Different => new()
    {
        { Full with { ListenPorts = [80] }, "a TCP port less" },
        { Full with { ListenPorts = [80, 444] }, "another TCP port" },
        { Full with { ListenPortsUdp = [] }, "no UDP port" },
        { Full with { StunIntervalSecs = null }, "the default STUN interval" },
        { Full with { FirewallConfig = null }, "no firewall" },
        { Full with { FirewallConfig = Full.FirewallConfig! with { BlockedIps = ["192.0.2.1"] } }, "a blocked address less" },
        { Full with { FirewallConfig = Full.FirewallConfig! with { RateLimits = [Limit with { Burst = 5 }] } }, "another burst" },
        { Full with { FirewallConfig = Full.FirewallConfig! with { Rules = [Second, First] } }, "another order of rules" },
        { Full with { PortOptions = null }, "no port options" },
        { Full with { PortOptions = Options(("443", new PortOptions { ProxyProtocol = "v1" })) }, "another PROXY version" },
        { Full with { PortOptions = Options(("80", new PortOptions { ProxyProtocol = "v2" })) }, "options of another port" },
    };

    public static TheoryData<EdgeSettings, EdgeSettings, string> Same => new()
    {
        { Full, Full with { }, "a copy" },
        { Full, Full with { ListenPorts = [443, 80] }, "another order of ports" },
        { Full, Full with { FirewallConfig = Full.FirewallConfig! with { BlockedIps = ["192.0.2.2", "192.0.2.1"] } }, "another order of addresses" },
        { Full, Full with { PortOptions = Options(("443", new PortOptions { ProxyProtocol = "v2" })) }, "equal port options" },
        { new EdgeSettings(), new EdgeSettings { FirewallConfig = new FirewallConfig(), PortOptions = Options() }, "nothing, null and empty" },
        { new EdgeSettings(), new EdgeSettings { ListenPorts = default, FirewallConfig = new FirewallConfig { Rules = default } }, "default arrays" },
    };

    [Theory]
    [MemberData(nameof(Different))]
    public void Tells_a_difference(EdgeSettings other, string what)
    {
        Assert.False(EdgeSettingsComparer.Instance.Equals(Full, other), what);
        Assert.False(EdgeSettingsComparer.Instance.Equals(other, Full), what);
    }

    [Theory]
    [MemberData(nameof(Same))]
    public void Takes_for_one_what_asks_the_same(EdgeSettings x, EdgeSettings y, string what)
    {
        Assert.True(EdgeSettingsComparer.Instance.Equals(x, y), what);
        Assert.True(EdgeSettingsComparer.Instance.Equals(y, x), what);
        Assert.Equal(EdgeSettingsComparer.Instance.GetHashCode(x), EdgeSettingsComparer.Instance.GetHashCode(y));
    }

    private static ImmutableDictionary<string, PortOptions> Options(params (string Key, PortOptions Value)[] options) =>
        options.ToImmutableDictionary(option => option.Key, option => option.Value);
}
