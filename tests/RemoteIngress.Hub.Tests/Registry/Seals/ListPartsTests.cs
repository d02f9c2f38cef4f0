using System.Collections.Immutable;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry.Seals;

namespace RemoteIngress.Hub.Tests.Registry.Seals;

public sealed class ListPartsTests
{
    private static readonly byte[] Salt = new byte[ListParts.SaltSize];

    private static readonly AllowedEdge Edge = new()
    {
        Id = "a",
        Secret = "a secret",
        ListenPorts = [80, 443],
        PortOptions = Options("80", "443"),
    };

    [Theory]
    [InlineData(0, 1)]
    [InlineData(64, 1)]
    [InlineData(65, 2)]
    [InlineData(10_000, 128)]
    [InlineData(100_000, 128)]
    public void A_list_has_a_power_of_two_of_parts(int edges, int parts) => Assert.Equal(parts, ListParts.Count(edges));

    [Fact]
    public void Every_edge_is_in_one_part_whatever_the_order_of_the_list()
    {
        var edges = Enumerable.Range(0, 500).Select(i => Edge with { Id = $"edge-{i}" }).ToArray();

        var parts = ListParts.Cut(edges);
        var reversed = ListParts.Cut([.. edges.Reverse()]);

        Assert.Equal(8, parts.Length);
        Assert.Equal(500, parts.Sum(part => part.Count));
        Assert.All(parts, part => Assert.InRange(part.Count, 30, 100));
        Assert.Equal(parts.Select(part => part.Select(edge => edge.Id)), reversed.Select(part => part.Select(edge => edge.Id)));
    }

    [Fact]
    public void A_seal_is_the_same_for_the_same_in_whatever_order_a_dictionary_has_it()
    {
        var seal = ListParts.Seal([Edge], Salt);

        Assert.Equal(seal, ListParts.Seal([Edge with { PortOptions = Options("443", "80") }], Salt));

        // the same in every process and version: another one would make every stored seal worthless
        Assert.Equal("D5D6", Convert.ToHexString(seal)[..4]);
    }

    public static TheoryData<string, AllowedEdge> Changes => new()
    {
        { "secret", Edge with { Secret = "A secret" } },
        { "no secret", Edge with { Secret = null } },
        { "id", Edge with { Id = "b" } },
        { "ports", Edge with { ListenPorts = [80] } },
        { "udp", Edge with { ListenPortsUdp = [80] } },
        { "stun", Edge with { StunIntervalSecs = 60 } },
        { "firewall", Edge with { FirewallConfig = new FirewallConfig { BlockedIps = ["192.0.2.1"] } } },
        { "no options", Edge with { PortOptions = null } },
        { "options", Edge with { PortOptions = Edge.PortOptions!.SetItem("80", new PortOptions { Open = "confirmed" }) } },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Another_seal_for_whatever_else(string what, AllowedEdge changed)
    {
        Assert.NotEmpty(what);
        Assert.NotEqual(ListParts.Seal([Edge], Salt), ListParts.Seal([changed], Salt));
        Assert.NotEqual(ListParts.Seal([Edge], Salt), ListParts.Seal([Edge, changed], Salt));
    }

    [Fact]
    public void Another_salt_another_seal()
    {
        var other = Salt.ToArray();
        other[0] = 1;

        Assert.NotEqual(ListParts.Seal([Edge], Salt), ListParts.Seal([Edge], other));
    }

    private static ImmutableDictionary<string, PortOptions> Options(params string[] keys) =>
        keys.ToImmutableDictionary(key => key, key => new PortOptions { Target = $"10.0.0.5:{key}" });
}
