using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry.Validation;

namespace RemoteIngress.Hub.Tests.Validation;

public sealed class AllowedEdgesJsonTests
{
    // the example of the design, every field used
    private const string Full = """
        [{ "id": "edge-fra-01", "secret": "s3cret", "listenPorts": [80, 443], "listenPortsUdp": [53, 443], "stunIntervalSecs": 300,
           "firewallConfig": { "blockedIps": ["198.51.100.25", "203.0.113.0/24", "2001:db8::/32"],
             "rateLimits": [{ "id": "https", "port": 443, "protocol": "tcp", "rate": "200/second", "burst": 100, "perSourceIP": true }],
             "rules": [{ "id": "mon", "direction": "input", "action": "accept", "sourceIP": "10.0.0.0/8", "destPort": 9090, "protocol": "tcp", "comment": "" }] },
           "portOptions": { "443": { "target": "10.0.0.5:8443", "proxyProtocol": "v2", "open": "confirmed" },
                            "53/udp": { "target": "10.0.0.6:53", "proxyProtocol": "v2-every" } } }]
        """;

    [Fact]
    public void Every_field_of_the_design_is_read()
    {
        var (edges, errors) = AllowedEdgesJson.Parse(Full);

        Assert.Empty(errors);
        var edge = Assert.Single(edges);
        Assert.Equal(("edge-fra-01", "s3cret", 300), (edge.Id, edge.Secret, edge.StunIntervalSecs));
        Assert.Equal([80, 443], edge.ListenPorts);
        Assert.Equal([53, 443], edge.ListenPortsUdp);
        Assert.Equal(["198.51.100.25", "203.0.113.0/24", "2001:db8::/32"], edge.FirewallConfig!.BlockedIps);
        var limit = Assert.Single(edge.FirewallConfig.RateLimits);
        Assert.Equal(("https", 443, "tcp", "200/second", 100, true), (limit.Id, limit.Port, limit.Protocol, limit.Rate, limit.Burst, limit.PerSourceIP));
        var rule = Assert.Single(edge.FirewallConfig.Rules);
        Assert.Equal(("mon", "input", "accept", "10.0.0.0/8", 9090, "tcp", ""), (rule.Id, rule.Direction, rule.Action, rule.SourceIP, rule.DestPort, rule.Protocol, rule.Comment));
        Assert.Equal(("10.0.0.5:8443", "v2", "confirmed"), (edge.PortOptions!["443"].Target, edge.PortOptions["443"].ProxyProtocol, edge.PortOptions["443"].Open));
        Assert.Equal("v2-every", edge.PortOptions["53/udp"].ProxyProtocol);
    }

    [Fact]
    public void Null_is_left_out_and_a_byte_order_mark_is_skipped()
    {
        var json = "\uFEFF" + """[{ "id": "a", "secret": null, "listenPorts": null, "firewallConfig": null, "portOptions": null, "stunIntervalSecs": null }]""";

        var (edges, errors) = AllowedEdgesJson.Parse(json);

        Assert.Empty(errors);
        Assert.Null(Assert.Single(edges).Secret);
    }

    // one error each; its place and a word of what it says
    [Theory]
    [InlineData("""{}""", "", "must be a list")]
    [InlineData("""[{ "id": "a" """, "", "not valid JSON at line 1")]
    [InlineData("""["a"]""", "[0]", "must be an object")]
    [InlineData("""[null]""", "[0]", "must be an object")]
    [InlineData("""[{}]""", "[0].id", "required")]
    [InlineData("""[{ "id": "" }]""", "[0].id", "required")]
    [InlineData("""[{ "id": 7 }]""", "[0].id", "must be a string")]
    [InlineData("""[{ "id": "a b" }]""", "[0].id", "not an id")]
    [InlineData("""[{ "id": ".." }]""", "[0].id", "not an id")]
    [InlineData("""[{ "id": "a" }, { "id": "b" }, { "id": "a" }]""", "[2].id", "is the id of [0] already")]
    [InlineData("""[{ "id": "a", "id": "a" }]""", "[0].id", "appears twice")]
    [InlineData("""[{ "id": "a", "secret": "" }]""", "[0].secret", "is empty")]
    [InlineData("""[{ "id": "a", "secret": 5 }]""", "[0].secret", "must be a string")]
    [InlineData("""[{ "id": "a", "secret": "x\n" }]""", "[0].secret", "control character")]
    [InlineData("""[{ "id": "a", "secret": "\ud800" }]""", "[0].secret", "not valid Unicode")]
    [InlineData("""[{ "id": "a", "listenPorts": 80 }]""", "[0].listenPorts", "must be a list")]
    [InlineData("""[{ "id": "a", "listenPorts": [0] }]""", "[0].listenPorts[0]", "give 1 to 65535")]
    [InlineData("""[{ "id": "a", "listenPorts": [80, 70000] }]""", "[0].listenPorts[1]", "70000 is not a port")]
    [InlineData("""[{ "id": "a", "listenPorts": [80, 80] }]""", "[0].listenPorts[1]", "appears twice")]
    [InlineData("""[{ "id": "a", "listenPorts": ["80"] }]""", "[0].listenPorts[0]", "whole number")]
    [InlineData("""[{ "id": "a", "listenPorts": [80.5] }]""", "[0].listenPorts[0]", "whole number")]
    [InlineData("""[{ "id": "a", "listenPorts": [99999999999] }]""", "[0].listenPorts[0]", "whole number")]
    [InlineData("""[{ "id": "a", "listenPortsUdp": [-1] }]""", "[0].listenPortsUdp[0]", "give 1 to 65535")]
    [InlineData("""[{ "id": "a", "stunIntervalSecs": 1 }]""", "[0].stunIntervalSecs", "10 to 86400")]
    [InlineData("""[{ "id": "a", "stunIntervalSecs": "5m" }]""", "[0].stunIntervalSecs", "whole number")]
    [InlineData("""[{ "id": "a", "listenPort": [80] }]""", "[0].listenPort", "unknown field")]
    [InlineData("""[{ "id": "a", "firewallConfig": [] }]""", "[0].firewallConfig", "must be an object")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "blocked": [] } }]""", "[0].firewallConfig.blocked", "unknown field")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "blockedIps": ["1.2.3.4/33"] } }]""", "[0].firewallConfig.blockedIps[0]", "CIDR")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "blockedIps": ["2001:db8::/129"] } }]""", "[0].firewallConfig.blockedIps[0]", "CIDR")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "blockedIps": ["1.2.3"] } }]""", "[0].firewallConfig.blockedIps[0]", "CIDR")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "blockedIps": ["010.0.0.1"] } }]""", "[0].firewallConfig.blockedIps[0]", "CIDR")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "blockedIps": ["example.org"] } }]""", "[0].firewallConfig.blockedIps[0]", "CIDR")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "blockedIps": ["fe80::1%eth0"] } }]""", "[0].firewallConfig.blockedIps[0]", "CIDR")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rateLimits": [{ "id": "x", "rate": "1/second" }] } }]""", "[0].firewallConfig.rateLimits[0].port", "required")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rateLimits": [{ "id": "x", "port": 1 }] } }]""", "[0].firewallConfig.rateLimits[0].rate", "not a rate")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rateLimits": [{ "id": "x", "port": 1, "rate": "0/second" }] } }]""", "[0].firewallConfig.rateLimits[0].rate", "not a rate")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rateLimits": [{ "id": "x", "port": 1, "rate": "5/fortnight" }] } }]""", "[0].firewallConfig.rateLimits[0].rate", "200/second")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rateLimits": [{ "id": "x", "port": 1, "rate": "5/second", "burst": 0 }] } }]""", "[0].firewallConfig.rateLimits[0].burst", "out of range")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rateLimits": [{ "id": "x", "port": 1, "rate": "5/second", "perSourceIP": 1 }] } }]""", "[0].firewallConfig.rateLimits[0].perSourceIP", "true or false")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rateLimits": ["x"] } }]""", "[0].firewallConfig.rateLimits[0]", "must be an object")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rules": [{ "direction": "input", "action": "drop" }] } }]""", "[0].firewallConfig.rules[0].id", "required")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rules": [{ "id": "x", "action": "drop" }] } }]""", "[0].firewallConfig.rules[0].direction", "required")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rules": [{ "id": "x", "direction": "in", "action": "drop" }] } }]""", "[0].firewallConfig.rules[0].direction", "input, output or forward")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rules": [{ "id": "x", "direction": "input", "action": "allow" }] } }]""", "[0].firewallConfig.rules[0].action", "accept, drop or reject")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rules": [{ "id": "x", "direction": "input", "action": "drop", "protocol": "icmp" }] } }]""", "[0].firewallConfig.rules[0].protocol", "tcp, udp or both")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rules": [{ "id": "x", "direction": "input", "action": "drop", "sourceIP": "10/8" }] } }]""", "[0].firewallConfig.rules[0].sourceIP", "CIDR")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rules": [{ "id": "x", "direction": "input", "action": "drop", "destPort": 0 }] } }]""", "[0].firewallConfig.rules[0].destPort", "give 1 to 65535")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "rules": [{ "id": "x", "direction": "input", "action": "drop" }, { "id": "x", "direction": "input", "action": "drop" }] } }]""", "[0].firewallConfig.rules[1].id", "appears twice")]
    [InlineData("""[{ "id": "a", "portOptions": [] }]""", "[0].portOptions", "must be an object")]
    [InlineData("""[{ "id": "a", "listenPorts": [443], "portOptions": { "444": {} } }]""", "[0].portOptions['444']", "does not listen")]
    [InlineData("""[{ "id": "a", "listenPorts": [53], "portOptions": { "53/udp": {} } }]""", "[0].portOptions['53/udp']", "add 53 to listenPortsUdp")]
    [InlineData("""[{ "id": "a", "listenPorts": [443], "portOptions": { "0443": {} } }]""", "[0].portOptions['0443']", "the key is not a port")]
    [InlineData("""[{ "id": "a", "listenPorts": [443], "portOptions": { "443/tcp": {} } }]""", "[0].portOptions['443/tcp']", "the key is not a port")]
    [InlineData("""[{ "id": "a", "listenPorts": [443], "portOptions": { "443": 5 } }]""", "[0].portOptions['443']", "must be an object")]
    [InlineData("""[{ "id": "a", "listenPorts": [443], "portOptions": { "443": {}, "443": {} } }]""", "[0].portOptions['443']", "appears twice")]
    [InlineData("""[{ "id": "a", "listenPorts": [443], "portOptions": { "443": { "target": "10.0.0.5" } } }]""", "[0].portOptions['443'].target", "HOST:PORT")]
    [InlineData("""[{ "id": "a", "listenPorts": [443], "portOptions": { "443": { "target": "::1:80" } } }]""", "[0].portOptions['443'].target", "HOST:PORT")]
    [InlineData("""[{ "id": "a", "listenPorts": [443], "portOptions": { "443": { "proxyProtocol": "v2-every" } } }]""", "[0].portOptions['443'].proxyProtocol", "v1, v2 or none")]
    [InlineData("""[{ "id": "a", "listenPortsUdp": [53], "portOptions": { "53/udp": { "proxyProtocol": "v1" } } }]""", "[0].portOptions['53/udp'].proxyProtocol", "v2-header-only, v2-first, v2-every or none")]
    [InlineData("""[{ "id": "a", "listenPorts": [443], "portOptions": { "443": { "open": "lazy" } } }]""", "[0].portOptions['443'].open", "eager or confirmed")]
    [InlineData("""[{ "id": "a", "listenPortsUdp": [53], "portOptions": { "53/udp": { "open": "eager" } } }]""", "[0].portOptions['53/udp'].open", "TCP ports only")]
    [InlineData("""[{ "id": "a", "listenPorts": 443, "portOptions": { "443": {} } }]""", "[0].listenPorts", "must be a list")]
    public void A_mistake_is_named_with_its_place_and_cure(string json, string path, string words)
    {
        var (edges, errors) = AllowedEdgesJson.Parse(json);

        var error = Assert.Single(errors);
        Assert.Equal(path, error.Path);
        Assert.Contains(words, error.Message);
        Assert.Empty(edges);
    }

    [Fact]
    public void All_mistakes_of_all_edges_are_named_at_once()
    {
        var (_, errors) = AllowedEdgesJson.Parse("""
            [{ "id": "a", "listenPorts": [0, 80, 80, "x"], "bogus": 1 },
             5,
             { "id": "a", "stunIntervalSecs": 0, "firewallConfig": { "blockedIps": ["nonsense"], "rules": [{}] },
               "portOptions": { "1": { "target": "x", "proxyProtocol": "y", "open": "z", "w": 1 } } }]
            """);

        Assert.Equal(
            [
                "[0].bogus", "[0].listenPorts[0]", "[0].listenPorts[2]", "[0].listenPorts[3]",
                "[1]",
                "[2].firewallConfig.blockedIps[0]", "[2].firewallConfig.rules[0].action",
                "[2].firewallConfig.rules[0].direction", "[2].firewallConfig.rules[0].id",
                "[2].id", "[2].portOptions['1']",
                "[2].portOptions['1'].open", "[2].portOptions['1'].proxyProtocol", "[2].portOptions['1'].target", "[2].portOptions['1'].w",
                "[2].stunIntervalSecs",
            ],
            errors.Select(error => error.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_message_repeats_a_secret()
    {
        const string secret = "hunter2";
        string[] documents =
        [
            $$"""[{ "id": "a", "secret": "{{secret}}\u0001" }]""",
            $$"""[{ "id": "a", "secret": ["{{secret}}"] }]""",
            $$"""[{ "id": "a", "secret": "{{string.Concat(Enumerable.Repeat(secret, 200))}}" }]""",
            $$"""[{ "id": "a", "secret": "{{secret}}" x }]""",
            $$"""[{ "id": "a", "secret": "{{secret}}", "secret": "{{secret}}" }]""",
        ];
        foreach (var json in documents)
        {
            var (_, errors) = AllowedEdgesJson.Parse(json);
            Assert.NotEmpty(errors);
            Assert.All(errors, error => Assert.DoesNotContain(secret, error.ToString()));
        }
    }

    [Fact]
    public void What_is_repeated_in_a_message_stays_on_its_line_and_short()
    {
        var (_, errors) = AllowedEdgesJson.Parse($$"""[{ "id": "a\n\u001b[31m{{new string('x', 500)}}" }]""");

        var message = Assert.Single(errors).Message;
        Assert.DoesNotContain(message, char.IsControl);
        Assert.True(message.Length < 250, message);
    }

    [Theory]
    [InlineData("""[{ "id": "a", "\ud800": 1 }]""", "[0]")]
    [InlineData("""[{ "id": "a", "portOptions": { "\udc00": {} } }]""", "[0].portOptions")]
    [InlineData("""[{ "id": "a", "firewallConfig": { "\ud800x": [] } }]""", "[0].firewallConfig")]
    public void A_name_that_is_no_text_is_an_error_and_not_an_exception(string json, string path)
    {
        var (_, errors) = AllowedEdgesJson.Parse(json);

        Assert.Equal(new ValidationError(path, "holds a field name that is not valid Unicode"), Assert.Single(errors));
    }

    [Theory]
    [InlineData("""[fe80::1%\n]:443""")]
    [InlineData("""[fe80::1%a b]:443""")]
    [InlineData("""[[::1]]:443""")]
    public void A_target_with_anything_in_its_zone_is_refused(string target)
    {
        var (_, errors) = AllowedEdgesJson.Parse($$"""[{ "id": "a", "listenPorts": [443], "portOptions": { "443": { "target": "{{target}}" } } }]""");

        Assert.Contains("is not a target", Assert.Single(errors).Message);
    }

    [Fact]
    public void A_hostile_list_gets_a_bounded_answer()
    {
        var ports = string.Join(',', Enumerable.Repeat("0", 4000));

        var (_, errors) = AllowedEdgesJson.Parse($$"""[{ "id": "a", "listenPorts": [{{ports}}] }]""");

        Assert.Equal(1001, errors.Count);
        Assert.Equal("3000 more errors are not listed", errors[^1].Message);
    }

    [Theory]
    [InlineData("listenPorts", 4097)]
    [InlineData("listenPortsUdp", 4097)]
    public void Lists_are_bounded(string field, int count)
    {
        var ports = string.Join(',', Enumerable.Range(1, count));

        var (_, errors) = AllowedEdgesJson.Parse($$"""[{ "id": "a", "{{field}}": [{{ports}}] }]""");

        Assert.Contains("too many", Assert.Single(errors).Message);
    }
}
