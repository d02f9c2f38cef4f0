using System.Collections.Immutable;
using System.Net;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Hub.Tests.Tunnels;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.ProxyProtocol;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Targets;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Hub.Tests.Forwarding;

/// <summary>UDP sessions at a hub, opened frame by frame by a stranger's edge.</summary>
public sealed class UdpForwardingTests
{
    private const int PublicPort = 53;

    [Fact]
    public async Task A_session_has_its_header_alone_first_by_default_and_answers_come_back()
    {
        await using var target = new UdpTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target.EndPoint.ToString());

        await OpenAsync(edge, 1);
        await edge.SendAsync(1, FrameType.UdpData, "question"u8.ToArray());

        Assert.Equal("question"u8.ToArray(), (await edge.NextAsync(FrameType.UdpDataBack, 1)).Payload);
        Assert.Equal(2, target.Arrivals.Count);
        Assert.Equal(IPEndPoint.Parse("192.0.2.7:4711"), target.Headers.Single().Source);
        Assert.Equal(1, hub.Server.UdpSessions.Count);
        await edge.SendAsync(1, FrameType.UdpClose, []);
        await Poll.UntilAsync("it is closed", () => hub.Server.UdpSessions.Count == 0, Timeouts.Token());
    }

    [Fact]
    public async Task What_is_no_header_or_no_port_is_closed_and_counted_and_the_tunnel_goes_on()
    {
        await using var target = new UdpTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target.EndPoint.ToString());

        await edge.SendAsync(1, FrameType.UdpOpen, new byte[28]);
        await edge.NextAsync(FrameType.UdpClose, 1);
        await edge.SendAsync(2, FrameType.UdpOpen, Header(PublicPort, ProxyTransport.Stream));
        await edge.NextAsync(FrameType.UdpClose, 2);
        await edge.SendAsync(3, FrameType.UdpOpen, Header(PublicPort + 1));
        await edge.NextAsync(FrameType.UdpClose, 3);

        var ends = Totals(hub).Ends();
        Assert.Equal((2, 1), (ends["protocol_error"], ends["port_removed"]));
        Assert.Equal(0, hub.Server.UdpSessions.Count);
        await OpenAsync(edge, 4);
        await edge.SendAsync(4, FrameType.UdpData, "on"u8.ToArray());
        await edge.NextAsync(FrameType.UdpDataBack, 4);
    }

    [Theory]
    [InlineData("maxUdpSessions")]
    [InlineData("maxUdpSessionsPerEdge")]
    [InlineData("descriptors")]
    public async Task Sessions_beyond_a_bound_are_closed_and_counted_and_the_others_go_on(string limit)
    {
        await using var target = new UdpTarget();
        await using var hub = await TestHub.StartAsync(configure: options => options with
        {
            MaxUdpSessions = limit == "maxUdpSessions" ? 1 : 100,
            Directory = DirectoryLimits.Default with { MaxUdpSessionsPerEdge = limit == "maxUdpSessionsPerEdge" ? 1 : 100 },
        });
        await using var edge = await ConnectAsync(hub, target.EndPoint.ToString());
        await OpenAsync(edge, 1);
        await edge.SendAsync(1, FrameType.UdpData, "served"u8.ToArray());
        await edge.NextAsync(FrameType.UdpDataBack, 1);
        hub.Files.Limit = limit == "descriptors" ? 1 : int.MaxValue;

        await OpenAsync(edge, 2);
        await edge.NextAsync(FrameType.UdpClose, 2);

        Assert.Equal(1, hub.Counts.LimitsMet()[limit]);
        Assert.Equal(1, Totals(hub).Ends()["limit_reached"]);
        hub.Files.Limit = int.MaxValue;
        await edge.SendAsync(1, FrameType.UdpData, "still"u8.ToArray());
        await edge.NextAsync(FrameType.UdpDataBack, 1);
        Assert.Equal(1, hub.Server.UdpSessions.Count);
    }

    [Fact]
    public async Task First_datagrams_wait_for_the_targets_name_and_what_is_too_many_is_counted()
    {
        await using var target = new UdpTarget();
        var answer = new TaskCompletionSource<IPAddress[]>();
        await using var hub = await TestHub.StartAsync(lookUp: (_, _) => answer.Task);
        await using var edge = await ConnectAsync(hub, $"dns.test:{target.EndPoint.Port}");

        await OpenAsync(edge, 1);
        for (var i = 0; i < 20; i++)
        {
            await edge.SendAsync(1, FrameType.UdpData, [(byte)i]);
        }

        await Poll.UntilAsync("four are too many", () => Totals(hub).Drops().GetValueOrDefault("unresolved") == 4, Timeouts.Token());
        answer.SetResult([IPAddress.Loopback]);
        for (var i = 0; i < 16; i++)
        {
            Assert.Equal([(byte)i], (await edge.NextAsync(FrameType.UdpDataBack, 1)).Payload);
        }
    }

    [Fact]
    public async Task A_name_whose_first_address_refuses_is_served_by_the_next_at_the_second_try()
    {
        await using var target = new UdpTarget();
        await using var hub = await TestHub.StartAsync(lookUp: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.66"), IPAddress.Loopback]));
        await using var edge = await ConnectAsync(hub, $"dns.test:{target.EndPoint.Port}");

        await OpenAsync(edge, 1);
        await edge.SendAsync(1, FrameType.UdpData, "one"u8.ToArray());
        await edge.NextAsync(FrameType.UdpClose, 1);
        await OpenAsync(edge, 2);
        await edge.SendAsync(2, FrameType.UdpData, "two"u8.ToArray());

        Assert.Equal("two"u8.ToArray(), (await edge.NextAsync(FrameType.UdpDataBack, 2)).Payload);
        Assert.Equal(1, Totals(hub).Ends()["target_refused"]);
    }

    [Fact]
    public async Task A_datagram_without_room_for_its_header_is_dropped_and_counted()
    {
        await using var target = new UdpTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target.EndPoint.ToString(), "v2-every");
        await OpenAsync(edge, 1);

        await edge.SendAsync(1, FrameType.UdpData, new byte[65_507]);
        await edge.SendAsync(1, FrameType.UdpData, new byte[65_507 - 28]);

        Assert.Equal(65_507 - 28, (await edge.NextAsync(FrameType.UdpDataBack, 1)).Payload.Length);
        Assert.Equal(1, Totals(hub).Drops()["too_large"]);
    }

    [Fact]
    public async Task The_end_of_the_tunnel_ends_its_sessions()
    {
        await using var target = new UdpTarget();
        await using var hub = await TestHub.StartAsync();
        var edge = await ConnectAsync(hub, target.EndPoint.ToString());
        await OpenAsync(edge, 1);
        await edge.SendAsync(1, FrameType.UdpData, "here"u8.ToArray());
        await edge.NextAsync(FrameType.UdpDataBack, 1);
        await edge.DisposeAsync();

        await Poll.UntilAsync("nothing is left", () => hub.Server.UdpSessions.Count == 0, Timeouts.Token());
        Assert.Equal(1, Totals(hub).Ends()["tunnel_lost"]);
    }

    private static async Task<WireEdge> ConnectAsync(TestHub hub, string target, string? proxy = null)
    {
        var settings = new EdgeSettings
        {
            ListenPortsUdp = [PublicPort],
            PortOptions = ImmutableDictionary<string, PortOptions>.Empty.Add($"{PublicPort}/udp", new PortOptions { Target = target, ProxyProtocol = proxy }),
        };
        hub.Registry.Set(FakeRegistry.Record(TestHub.EdgeId, TestHub.Secret, 1, settings));
        return await hub.ConnectAsync();
    }

    private static Task OpenAsync(WireEdge edge, uint id) => edge.SendAsync(id, FrameType.UdpOpen, Header(PublicPort));

    private static byte[] Header(int port, ProxyTransport transport = ProxyTransport.Datagram)
    {
        var header = new byte[28];
        ProxyV2.Write(header, IPEndPoint.Parse("192.0.2.7:4711"), new IPEndPoint(IPAddress.Parse("203.0.113.1"), port), transport, [], crc32c: false);
        return header;
    }

    private static LoopDatagramTotals Totals(TestHub hub) => new([.. hub.Server.Loops.Select(loop => loop.Loop)]);
}
