using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RemoteIngress.Edge.Firewall;

/// <summary>
/// Writes nft's language, and nothing else: the same plan and peers give the same text. One text is one transaction, so that packets meet the
/// old table or the new one and never none. Only <c>inet remoteingress</c> is ever named.
/// </summary>
internal static class FirewallRenderer
{
    internal const string Table = "inet remoteingress";

    /// <summary>Adding first makes the deletion succeed whether there was a table or not.</summary>
    internal const string Removal = $"add table {Table}\ndelete table {Table}\n";

    // Sources that one limit can tell apart, and all limits together: about 200 bytes of the kernel's memory each.
    private const int SourcesOfLimit = 65_536;
    private const int SourcesOfAll = 524_288;
    private const long MinTimeout = 60;
    private const long MaxTimeout = 86_400;

    // A new connection. Not conntrack's "new": its table would be one more thing for a flood to fill.
    private const string TcpOpening = "tcp flags & (fin | syn | rst | ack) == syn";
    private const string TcpAnswer = "tcp flags & (fin | syn | rst | ack) != syn";

    /// <summary>The whole transaction.</summary>
    /// <param name="rules">As <see cref="RenderRules"/> wrote them.</param>
    /// <param name="peers">Addresses and ports that the tunnels need: never cut off, whatever the rules say.</param>
    internal static string Render(string rules, IEnumerable<IPEndPoint> peers)
    {
        var text = new StringBuilder(Removal);
        text.Append("table ").Append(Table).Append(" {\n");
        WritePeers(text, [.. peers]);
        return text.Append(rules).Append("}\n").ToString();
    }

    /// <summary>What a plan makes of the table, but for the peers: these change by themselves.</summary>
    internal static string RenderRules(FirewallPlan plan)
    {
        var text = new StringBuilder();
        WriteBlocked(text, "blocked4", "ipv4_addr", plan.Blocked4);
        WriteBlocked(text, "blocked6", "ipv6_addr", plan.Blocked6);
        WriteLimits(text, plan);
        WriteTunnelChains(text);
        WriteBlocklist(text, plan);
        WriteInput(text, plan);
        WriteChain(text, "output", "jump tunnel_out", plan.Rules.Where(rule => rule.Direction == PlannedDirection.Output));
        WriteChain(text, "forward", null, plan.Rules.Where(rule => rule.Direction == PlannedDirection.Forward));
        return text.ToString();
    }

    /// <summary>Other peers for the table that is there, and nothing else: what limits have counted stays.</summary>
    internal static string RenderPeers(IEnumerable<IPEndPoint> peers)
    {
        var text = new StringBuilder();
        foreach (var (set, elements) in Peers([.. peers]))
        {
            text.Append("flush set ").Append(Table).Append(' ').Append(set).Append('\n');
            if (elements.Length > 0)
            {
                text.Append("add element ").Append(Table).Append(' ').Append(set).Append(" { ").Append(elements).Append(" }\n");
            }
        }

        return text.ToString();
    }

    private static (string Set, string Elements)[] Peers(IPEndPoint[] peers) =>
    [
        ("peers4", Elements(peers, AddressFamily.InterNetwork)),
        ("peers6", Elements(peers, AddressFamily.InterNetworkV6)),
    ];

    private static string Elements(IPEndPoint[] peers, AddressFamily family) =>
        string.Join(", ", peers.Where(peer => peer.AddressFamily == family).Select(peer => $"{Plain(peer.Address)} . {peer.Port}").Distinct().Order(StringComparer.Ordinal));

    // Without the zone of a link-local address, which is no part of what is on the wire.
    private static IPAddress Plain(IPAddress address) => new(address.GetAddressBytes());

    private static void WritePeers(StringBuilder text, IPEndPoint[] peers)
    {
        foreach (var (set, elements) in Peers(peers))
        {
            WriteSet(text, set, [$"type {(set == "peers4" ? "ipv4_addr" : "ipv6_addr")} . inet_service"], elements);
        }
    }

    private static void WriteBlocked(StringBuilder text, string name, string type, IReadOnlyList<AddressRange> ranges)
    {
        if (ranges.Count > 0)
        {
            WriteSet(text, name, [$"type {type}", "flags interval"], string.Join(", ", ranges));
        }
    }

    private static void WriteSet(StringBuilder text, string name, IEnumerable<string> properties, string elements)
    {
        text.Append("\tset ").Append(name).Append(" {\n");
        foreach (var property in properties)
        {
            text.Append("\t\t").Append(property).Append('\n');
        }

        if (elements.Length > 0)
        {
            text.Append("\t\telements = { ").Append(elements).Append(" }\n");
        }

        text.Append("\t}\n");
    }

    private static void WriteLimits(StringBuilder text, FirewallPlan plan)
    {
        var size = Math.Min(SourcesOfLimit, SourcesOfAll / Math.Max(1, plan.Limits.Count(limit => limit.IsPerSource)));
        for (var i = 0; i < plan.Limits.Count; i++)
        {
            var limit = plan.Limits[i];
            if (!limit.IsPerSource)
            {
                text.Append($"\tlimit limit{i} {{\n\t\t{Rate(limit)}\n\t}}\n");
                continue;
            }

            foreach (var (family, type) in new[] { ("4", "ipv4_addr"), ("6", "ipv6_addr") })
            {
                WriteSet(text, $"limit{i}_{family}", [$"type {type}", $"size {size}", "flags dynamic,timeout", $"timeout {Timeout(limit)}s"], "");
            }
        }
    }

    // What a source may do again at once after it was forgotten is what it could have done had it been remembered.
    private static long Timeout(PlannedLimit limit) =>
        Math.Clamp((((long)limit.Burst * (int)limit.Unit) + limit.Count - 1) / limit.Count, MinTimeout, MaxTimeout);

    private static string Rate(PlannedLimit limit) => $"rate over {limit.Count}/{PlannedWords.Of(limit.Unit)} burst {limit.Burst} packets";

    /// <summary>What must go through: this machine's own traffic, the tunnels, and what IPv6 and the size of packets depend on.</summary>
    private static void WriteTunnelChains(StringBuilder text)
    {
        const string neighbours = "nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert";
        WriteLines(text, "tunnel_in",
        [
            "iif \"lo\" accept",
            $"{TcpAnswer} ip saddr . tcp sport @peers4 accept",
            $"{TcpAnswer} ip6 saddr . tcp sport @peers6 accept",
            "ip saddr . udp sport @peers4 accept",
            "ip6 saddr . udp sport @peers6 accept",
            $"icmpv6 type {{ packet-too-big, {neighbours} }} accept",
            "icmp type destination-unreachable icmp code frag-needed accept",
        ]);
        WriteLines(text, "tunnel_out",
        [
            "oif \"lo\" accept",
            "meta l4proto { tcp, udp } ip daddr . th dport @peers4 accept",
            "meta l4proto { tcp, udp } ip6 daddr . th dport @peers6 accept",
            $"icmpv6 type {{ {neighbours} }} accept",
        ]);
    }

    // Before connection tracking, which has nothing to remember of them then, and before forwarding.
    private static void WriteBlocklist(StringBuilder text, FirewallPlan plan)
    {
        if (plan.Blocked4.Count + plan.Blocked6.Count == 0)
        {
            return;
        }

        var lines = new List<string> { "type filter hook prerouting priority -300; policy accept;", "jump tunnel_in" };
        lines.AddRange(plan.Blocked4.Count > 0 ? ["ip saddr @blocked4 drop"] : []);
        lines.AddRange(plan.Blocked6.Count > 0 ? ["ip6 saddr @blocked6 drop"] : []);
        WriteLines(text, "blocklist", lines);
    }

    private static void WriteInput(StringBuilder text, FirewallPlan plan)
    {
        var limits = plan.Limits.SelectMany(LimitLines);
        WriteChain(text, "input", "jump tunnel_in", plan.Rules.Where(rule => rule.Direction == PlannedDirection.Input), limits);
    }

    private static IEnumerable<string> LimitLines(PlannedLimit limit, int index)
    {
        string[] openings = limit.Protocol switch
        {
            PlannedProtocol.Tcp => [$"tcp dport {limit.Port} {TcpOpening}"],
            PlannedProtocol.Udp => [$"udp dport {limit.Port}"],
            _ => [$"tcp dport {limit.Port} {TcpOpening}", $"udp dport {limit.Port}"],
        };
        foreach (var opening in openings)
        {
            if (!limit.IsPerSource)
            {
                yield return $"{opening} limit name \"limit{index}\" drop {limit.Comment}";
                continue;
            }

            yield return $"{opening} update @limit{index}_4 {{ ip saddr limit {Rate(limit)} }} drop {limit.Comment}";

            // Whoever has one IPv6 address has a /64 of them.
            yield return $"{opening} update @limit{index}_6 {{ ip6 saddr & ffff:ffff:ffff:ffff:: limit {Rate(limit)} }} drop {limit.Comment}";
        }
    }

    private static void WriteChain(StringBuilder text, string hook, string? first, IEnumerable<PlannedRule> rules, IEnumerable<string>? limits = null)
    {
        string[] lines = [.. limits ?? [], .. rules.Select(RuleLine)];
        if (lines.Length > 0)
        {
            string[] head = [$"type filter hook {hook} priority -10; policy accept;", .. first is null ? Array.Empty<string>() : [first]];
            WriteLines(text, hook, [.. head, .. lines]);
        }
    }

    private static string RuleLine(PlannedRule rule)
    {
        var parts = new List<string>();
        if (rule.Source is { } source)
        {
            parts.Add(source.IsEverything ? $"meta nfproto {(source.IsV6 ? "ipv6" : "ipv4")}" : $"{(source.IsV6 ? "ip6" : "ip")} saddr {source}");
        }

        parts.AddRange((rule.Port, rule.Protocol) switch
        {
            (null, null) => [],
            (null, PlannedProtocol.Both) => ["meta l4proto { tcp, udp }"],
            (null, { } protocol) => [$"meta l4proto {PlannedWords.Of(protocol)}"],
            ({ } port, PlannedProtocol.Tcp or PlannedProtocol.Udp) => [$"{PlannedWords.Of(rule.Protocol.Value)} dport {port}"],
            ({ } port, _) => new[] { $"meta l4proto {{ tcp, udp }} th dport {port}" },
        });
        return string.Join(' ', [.. parts, PlannedWords.Of(rule.Action), rule.Comment.ToString()]);
    }

    private static void WriteLines(StringBuilder text, string chain, IEnumerable<string> lines)
    {
        text.Append("\tchain ").Append(chain).Append(" {\n");
        foreach (var line in lines)
        {
            text.Append("\t\t").Append(line).Append('\n');
        }

        text.Append("\t}\n");
    }
}
