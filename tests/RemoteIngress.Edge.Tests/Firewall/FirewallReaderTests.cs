using RemoteIngress.Edge.Firewall;
using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Edge.Tests.Firewall;

/// <summary>What a hub could send that is not what it says it is.</summary>
public sealed class FirewallReaderTests
{
    private static readonly string[] Hostile =
    [
        "", " ", "x; flush ruleset", "x\nflush ruleset", "\" accept", "}", "$a", "@blocked4", "input accept", "tcp }", "1/second drop", "0", "-1", new string('9', 5000), "\u0000", "８０",
    ];

    public static TheoryData<string> HostileTexts => [.. Hostile];

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void AnyField_HostileText_IsRefusedByName(string text)
    {
        AssertRefused(new FirewallConfig { BlockedIps = ["192.0.2.1", text] }, "blockedIps[1] ");
        AssertRefused(new FirewallConfig { RateLimits = [Limit() with { Rate = text }] }, "rateLimits[0].rate ");
        AssertRefused(new FirewallConfig { RateLimits = [Limit() with { Protocol = text }] }, "rateLimits[0].protocol ");
        AssertRefused(new FirewallConfig { Rules = [Rule() with { Direction = text }] }, "rules[0].direction ");
        AssertRefused(new FirewallConfig { Rules = [Rule() with { Action = text }] }, "rules[0].action ");
        AssertRefused(new FirewallConfig { Rules = [Rule() with { Protocol = text }] }, "rules[0].protocol ");
        AssertRefused(new FirewallConfig { Rules = [Rule() with { SourceIP = text }] }, "rules[0].sourceIP ");
        if (text is not ("0" or "-1"))
        {
            AssertRefused(new FirewallConfig { Rules = [Rule() with { Id = text }] }, "rules[0].id ");
            AssertRefused(new FirewallConfig { RateLimits = [Limit() with { Id = text }] }, "rateLimits[0].id ");
        }
    }

    [Theory]
    [InlineData("1")]
    [InlineData("127.1")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.1-10.0.0.9")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("::/129")]
    [InlineData("example.org")]
    public void Address_OtherThanAddressOrPrefix_IsRefused(string text) => Assert.False(AddressRange.TryParse(text, out _));

    [Theory]
    [InlineData("TCP")]
    [InlineData("Tcp")]
    [InlineData("tcp, udp")]
    [InlineData("2")]
    public void Word_OnlyAsWritten(string text) => AssertRefused(new FirewallConfig { Rules = [Rule() with { Protocol = text }] }, "rules[0].protocol ");

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    public void Port_OutOfRange_IsRefused(int port)
    {
        AssertRefused(new FirewallConfig { Rules = [Rule() with { DestPort = port }] }, "rules[0].destPort ");
        AssertRefused(new FirewallConfig { RateLimits = [Limit() with { Port = port }] }, "rateLimits[0].port ");
    }

    [Fact]
    public void Burst_Zero_IsRefused() => AssertRefused(new FirewallConfig { RateLimits = [Limit() with { Burst = 0 }] }, "rateLimits[0].burst ");

    [Fact]
    public void ManyErrors_AreNamedUpToABound()
    {
        Assert.Null(FirewallReader.Read(new FirewallConfig { BlockedIps = [.. Enumerable.Repeat("x", 9)] }, out var error));

        Assert.Contains("blockedIps[4]", error);
        Assert.DoesNotContain("blockedIps[5]", error);
        Assert.EndsWith("; and 4 more", error);
    }

    [Theory]
    [InlineData("10.0.0.0/24 10.0.1.0/24", "10.0.0.0/23")]
    [InlineData("10.0.1.0/24 10.0.2.0/24", "10.0.1.0-10.0.2.255")]
    [InlineData("10.0.0.0/8 10.1.2.3 10.255.255.255", "10.0.0.0/8")]
    [InlineData("10.0.0.3 10.0.0.1 10.0.0.2", "10.0.0.1-10.0.0.3")]
    [InlineData("255.255.255.255 0.0.0.0", "0.0.0.0 255.255.255.255")]
    [InlineData("0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0")]
    [InlineData("::/1 8000::/1", "::/0")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::", ":: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("203.0.113.77/24", "203.0.113.0/24")]
    [InlineData("::ffff:192.0.2.0/120", "192.0.2.0/24")]
    public void Merge_IsTheFewestRangesInOrder(string given, string expected)
    {
        var ranges = given.Split(' ').Select(text => AddressRange.TryParse(text, out var range) ? range : throw new InvalidDataException(text));

        Assert.Equal(expected, string.Join(' ', AddressRange.Merge(ranges)));
    }

    private static RateLimit Limit() => new() { Id = "l", Port = 80, Rate = "1/second" };

    private static FirewallRule Rule() => new() { Id = "r", Direction = "input", Action = "drop" };

    private static void AssertRefused(FirewallConfig config, string field)
    {
        Assert.Null(FirewallReader.Read(config, out var error));
        Assert.StartsWith("firewallConfig: " + field, error);
        Assert.DoesNotContain(error, char.IsControl);
        Assert.DoesNotContain("flush", error);
    }
}
