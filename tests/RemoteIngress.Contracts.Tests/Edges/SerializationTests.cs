using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace RemoteIngress.Contracts.Tests.Edges;

public sealed class SerializationTests
{
    private const string Secret = "hunter2-hunter2";

    private static readonly AllowedEdge Edge = new()
    {
        Id = "edge",
        Secret = Secret,
        ListenPorts = [80, 443],
        ListenPortsUdp = [53],
        StunIntervalSecs = 60,
        FirewallConfig = new FirewallConfig
        {
            BlockedIps = ["192.0.2.1"],
            RateLimits = [new RateLimit { Id = "l", Port = 443, Rate = "1/second", Burst = 5, PerSourceIP = true, Protocol = "tcp" }],
            Rules = [new FirewallRule { Id = "r", Direction = "input", Action = "drop", SourceIP = "10.0.0.0/8", DestPort = 1, Protocol = "udp", Comment = "c" }],
        },
        PortOptions = ImmutableDictionary<string, PortOptions>.Empty.Add("443", new PortOptions { Target = "a:1", ProxyProtocol = "v2", Open = "confirmed" }),
    };

    [Fact]
    public void An_allowed_edge_crosses_grains_whole()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();

        var copy = serializer.Deserialize<AllowedEdge>(serializer.SerializeToArray(Edge));

        Assert.Equal((Edge.Id, Edge.Secret), (copy!.Id, copy.Secret));
        Assert.Equal(Edge.ToSettings(), copy.ToSettings(), EdgeSettingsComparer.Instance);
    }

    [Fact]
    public void Json_has_the_names_of_the_design()
    {
        var json = JsonSerializer.Serialize(Edge);

        Assert.Equal(
            """
            {"id":"edge","secret":"hunter2-hunter2","listenPorts":[80,443],"listenPortsUdp":[53],"stunIntervalSecs":60,"firewallConfig":{"blockedIps":["192.0.2.1"],"rateLimits":[{"id":"l","port":443,"protocol":"tcp","rate":"1/second","burst":5,"perSourceIP":true}],"rules":[{"id":"r","direction":"input","action":"drop","sourceIP":"10.0.0.0/8","destPort":1,"protocol":"udp","comment":"c"}]},"portOptions":{"443":{"target":"a:1","proxyProtocol":"v2","open":"confirmed"}}}
            """,
            json);
        Assert.Equal(Edge.ToSettings(), JsonSerializer.Deserialize<AllowedEdge>(json)!.ToSettings(), EdgeSettingsComparer.Instance);
    }

    [Fact]
    public void What_prints_does_not_print_secrets()
    {
        Assert.DoesNotContain(Secret, Edge.ToString());
        Assert.Contains("edge", Edge.ToString());
        Assert.DoesNotContain(Secret, new SecretRotation { Secret = Secret, Generation = 1 }.ToString());
    }
}
