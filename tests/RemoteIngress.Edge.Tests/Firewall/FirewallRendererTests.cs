using System.Net;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Processes;

namespace RemoteIngress.Edge.Tests.Firewall;

public sealed class FirewallRendererTests
{
    public static TheoryData<string> Names => [.. FirewallGolden.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_Plan_IsTheGoldenText(string name) =>
        Assert.Equal(FirewallGolden.Script(name), FirewallRenderer.Render(FirewallRenderer.RenderRules(FirewallGolden.Plan(name)), FirewallGolden.Peers));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task GoldenText_IsTakenByNft(string name)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may ask nft");
        using var folder = new TempDirectory();

        var (exitCode, output, error) = await Tool.RunAsync("nft", ["-c", "-f", folder.Write("script.nft", FirewallGolden.Script(name))], Timeouts.Token());

        Assert.True(exitCode == 0, output + error);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void GoldenText_NamesNoTableButOurs(string name)
    {
        var tables = FirewallGolden.Script(name).Split('\n').Where(line => line.Split(' ').Contains("table") && !line.Contains("comment")).ToArray();

        Assert.Equal(3, tables.Length);
        Assert.All(tables, line => Assert.Contains("table inet remoteingress", line));
        Assert.All(
            FirewallGolden.Script(name).Split('\n').Where(line => line.Contains("flush")),
            line => Assert.Matches("drop comment \"[A-Za-z0-9 ._:,()/+=@?-]*\"$", line));
    }

    [Fact]
    public void RenderPeers_ReplacesBothSetsAndNothingElse() => Assert.Equal(
        """
        flush set inet remoteingress peers4
        add element inet remoteingress peers4 { 192.0.2.53 . 53, 203.0.113.10 . 8443 }
        flush set inet remoteingress peers6
        add element inet remoteingress peers6 { 2001:db8::10 . 8443 }

        """,
        FirewallRenderer.RenderPeers(FirewallGolden.Peers));

    [Fact]
    public void RenderPeers_NoneOfAFamily_EmptiesItsSet() => Assert.Equal(
        """
        flush set inet remoteingress peers4
        flush set inet remoteingress peers6
        add element inet remoteingress peers6 { fe80::1 . 53 }

        """,
        FirewallRenderer.RenderPeers([new IPEndPoint(IPAddress.Parse("fe80::1%7"), 53)]));
}
