using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Tests.Tunnels;
using RemoteIngress.Hub.Tunnels;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.ProxyProtocol;
using RemoteIngress.Testing;

namespace RemoteIngress.Hub.Tests.Forwarding;

public sealed class ForwardingTests
{
    private const int PublicPort = 443;

    [Fact]
    public async Task The_target_gets_a_v1_line_by_default_and_then_the_bytes()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target.Port);

        var stream = await edge.OpenStreamAsync(PublicPort);
        await edge.SendDataAsync(stream, "hello");
        using var socket = await target.AcceptAsync();

        const string expected = "PROXY TCP4 192.0.2.7 203.0.113.1 4711 443\r\nhello";
        Assert.Equal(expected, await RawTarget.ReadTextAsync(socket, expected.Length));
        await edge.NextAsync(FrameType.Opened, stream);
        await socket.SendAsync("world"u8.ToArray(), Timeouts.Token());
        Assert.Equal("world"u8.ToArray(), (await edge.NextAsync(FrameType.DataBack, stream)).Payload);
    }

    [Fact]
    public async Task A_port_without_a_target_goes_to_the_same_port_of_the_target_host()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        hub.Allow(1, (target.Port, null));
        await using var edge = await hub.ConnectAsync();

        var stream = await edge.OpenStreamAsync(target.Port);

        using var socket = await target.AcceptAsync();
        await edge.NextAsync(FrameType.Opened, stream);
    }

    [Fact]
    public async Task Version_2_carries_addresses_a_unique_id_and_a_checksum()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target.Port, proxy: "v2");
        var ids = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            var stream = await edge.OpenStreamAsync(PublicPort, $"PROXY TCP6 2001:db8::7 2001:db8::1 4711 {PublicPort}\r\n");
            using var socket = await target.AcceptAsync();
            var start = await RawTarget.ReadAsync(socket, 16);
            var rest = await RawTarget.ReadAsync(socket, BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(14)));

            // refuses a header whose checksum is wrong
            Assert.Equal(ProxyReadStatus.Ok, ProxyV2.TryRead(new byte[][] { start, rest }.SelectMany(part => part).ToArray(), out var header, out _));
            Assert.Equal(IPEndPoint.Parse("[2001:db8::7]:4711"), header!.Source);
            Assert.Equal(IPEndPoint.Parse($"[2001:db8::1]:{PublicPort}"), header.Destination);
            Assert.True(header.TryGetTlv(ProxyTlvType.Crc32C, out _));
            Assert.True(header.TryGetTlv(ProxyTlvType.UniqueId, out var id));
            Assert.Equal(16, id.Length);
            Assert.True(ids.Add(Convert.ToHexString(id.Span)));
            await edge.NextAsync(FrameType.Opened, stream);
        }
    }

    [Fact]
    public async Task None_means_nothing_but_the_clients_bytes()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target.Port, proxy: "none");

        var stream = await edge.OpenStreamAsync(PublicPort);
        await edge.SendDataAsync(stream, "hello");
        await edge.SendAsync(stream, FrameType.Close, []);
        using var socket = await target.AcceptAsync();

        Assert.Equal("hello", await RawTarget.ReadToEndAsync(socket));
    }

    [Fact]
    public async Task The_clients_end_leaves_the_answer_open()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target.Port, proxy: "none");

        var stream = await edge.OpenStreamAsync(PublicPort);
        await edge.SendDataAsync(stream, "question");
        await edge.SendAsync(stream, FrameType.Close, []);
        using var socket = await target.AcceptAsync();
        Assert.Equal("question", await RawTarget.ReadToEndAsync(socket));
        await socket.SendAsync("answer"u8.ToArray(), Timeouts.Token());
        socket.Close();

        Assert.Equal("answer", await edge.ReadToEndAsync(stream));
        await hub.Server.DrainAsync(TimeSpan.FromMinutes(1), Timeouts.Token());
    }

    [Fact]
    public async Task The_targets_end_leaves_the_other_direction_open()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target.Port, proxy: "none");

        var stream = await edge.OpenStreamAsync(PublicPort);
        using var socket = await target.AcceptAsync();
        await socket.SendAsync("greeting"u8.ToArray(), Timeouts.Token());
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("greeting", await edge.ReadToEndAsync(stream));

        await edge.SendDataAsync(stream, "late");
        await edge.SendAsync(stream, FrameType.Close, []);
        Assert.Equal("late", await RawTarget.ReadToEndAsync(socket));
    }

    [Fact]
    public async Task A_reset_by_the_client_becomes_a_reset_at_the_target()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target.Port, proxy: "none");

        var stream = await edge.OpenStreamAsync(PublicPort);
        using var socket = await target.AcceptAsync();
        await edge.NextAsync(FrameType.Opened, stream);
        await edge.SendAsync(stream, FrameType.Reset, Code(StreamEndReason.PeerReset));

        var error = await Assert.ThrowsAsync<SocketException>(async () => await socket.ReceiveAsync(new byte[1], Timeouts.Token()));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public async Task A_reset_by_the_target_becomes_RESET_after_the_bytes_before_it()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target.Port, proxy: "none");

        var stream = await edge.OpenStreamAsync(PublicPort);
        using var socket = await target.AcceptAsync();
        await socket.SendAsync("last words"u8.ToArray(), Timeouts.Token());
        Assert.Equal("last words"u8.ToArray(), (await edge.NextAsync(FrameType.DataBack, stream)).Payload);
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();

        Assert.Equal(StreamEndReason.PeerReset, await edge.ResetAsync(stream));
    }

    [Fact]
    public async Task A_target_that_refuses_is_told_apart_from_a_name_without_address()
    {
        using var closed = new RawTarget();
        var port = closed.Port;
        closed.Dispose();
        await using var hub = await TestHub.StartAsync(lookUp: (_, _) => throw new SocketException((int)SocketError.HostNotFound));
        hub.Allow(1, (80, new PortOptions { Target = $"127.0.0.1:{port}" }), (81, new PortOptions { Target = "nowhere.example:80" }));
        await using var edge = await hub.ConnectAsync();

        Assert.Equal(StreamEndReason.TargetRefused, await edge.ResetAsync(await edge.OpenStreamAsync(80)));
        Assert.Equal(new HubEvent.TargetFailed(TestHub.EdgeId, 80, $"127.0.0.1:{port}", StreamEndReason.TargetRefused), await hub.NextAsync<HubEvent.TargetFailed>());
        Assert.Equal(StreamEndReason.TargetUnresolved, await edge.ResetAsync(await edge.OpenStreamAsync(81)));
    }

    [Fact]
    public async Task A_port_that_is_not_the_edges_and_a_line_that_is_none_are_refused()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow(1, (80, null));
        await using var edge = await hub.ConnectAsync();

        Assert.Equal(StreamEndReason.PortRemoved, await edge.ResetAsync(await edge.OpenStreamAsync(81)));
        Assert.Equal(StreamEndReason.ProtocolError, await edge.ResetAsync(await edge.OpenStreamAsync(80, "PROXY UNKNOWN\r\n")));
        Assert.Equal(StreamEndReason.ProtocolError, await edge.ResetAsync(await edge.OpenStreamAsync(80, "PROXY TCP4 1.2.3.4 5.6.7.8 1 80\r\nmore")));
        Assert.Equal(StreamEndReason.ProtocolError, await edge.ResetAsync(await edge.OpenStreamAsync(80, "GET / HTTP/1.1 and more\r\n")));
    }

    [Fact]
    public async Task A_name_is_resolved_and_its_addresses_are_tried_in_order()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync(lookUp: (_, _) => Task.FromResult(new[] { IPAddress.IPv6Loopback, IPAddress.Parse("127.0.0.9"), IPAddress.Loopback }));
        hub.Allow(1, (PublicPort, new PortOptions { Target = $"target.example:{target.Port}", ProxyProtocol = "none" }));
        await using var edge = await hub.ConnectAsync();

        var stream = await edge.OpenStreamAsync(PublicPort);
        await edge.SendDataAsync(stream, "early");
        using var socket = await target.AcceptAsync();

        Assert.Equal("early", await RawTarget.ReadTextAsync(socket, 5));
    }

    [Fact]
    public async Task Localhost_works_as_the_system_knows_it()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        hub.Allow(1, (PublicPort, new PortOptions { Target = $"localhost:{target.Port}" }));
        await using var edge = await hub.ConnectAsync();

        await edge.NextAsync(FrameType.Opened, await edge.OpenStreamAsync(PublicPort));
    }

    [Fact]
    public async Task A_target_that_does_not_accept_delays_nobody_and_a_reset_gives_it_up()
    {
        using var stuck = new StuckTarget();
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync(configure: options => options with { ConnectTimeout = TimeSpan.FromMinutes(5) });
        hub.Allow(
            1,
            (80, new PortOptions { Target = $"127.0.0.1:{stuck.Port}" }),
            (81, new PortOptions { Target = $"127.0.0.1:{target.Port}" }));
        await using var edge = await hub.ConnectAsync();

        var waiting = await edge.OpenStreamAsync(80);
        var other = await edge.OpenStreamAsync(81);
        await edge.NextAsync(FrameType.Opened, other);
        Assert.Equal(2, Assert.Single(hub.Directory.Snapshot()).ActiveStreams);

        await edge.SendAsync(waiting, FrameType.Reset, Code(StreamEndReason.PeerReset));
        await edge.SendAsync(other, FrameType.Reset, Code(StreamEndReason.PeerReset));

        // completes only when neither connection is left
        Assert.True(await hub.Server.DrainAsync(TimeSpan.FromMinutes(5), Timeouts.Token()));
    }

    [Fact]
    public async Task A_target_that_does_not_accept_in_time_is_a_timeout()
    {
        using var stuck = new StuckTarget();
        await using var hub = await TestHub.StartAsync(configure: options => options with { ConnectTimeout = TimeSpan.FromMilliseconds(100) });
        await using var edge = await ConnectAsync(hub, stuck.Port);

        Assert.Equal(StreamEndReason.TargetTimeout, await edge.ResetAsync(await edge.OpenStreamAsync(PublicPort)));
    }

    [Fact]
    public async Task Large_bodies_pass_both_ways_at_once_and_unharmed()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target.Port, proxy: "none");
        var sent = new byte[600 * 1024];
        new Random(7).NextBytes(sent);

        var stream = await edge.OpenStreamAsync(PublicPort);
        using var socket = await target.AcceptAsync();
        var echo = EchoAsync(socket);
        var received = new MemoryStream();
        for (var at = 0; at < sent.Length; at += 60 * 1024)
        {
            var part = sent[at..Math.Min(sent.Length, at + (60 * 1024))];
            await edge.SendAsync(stream, FrameType.Data, part);
            while (received.Length < at + part.Length)
            {
                var frame = await edge.NextAsync(FrameType.DataBack, stream);
                received.Write(frame.Payload);
                var credit = new byte[8];
                BinaryPrimitives.WriteUInt32BigEndian(credit, (uint)frame.Payload.Length);
                BinaryPrimitives.WriteUInt32BigEndian(credit.AsSpan(4), FrameLimits.InitialWindow);
                await edge.SendAsync(stream, FrameType.WindowUpdate, credit);
            }
        }

        await edge.SendAsync(stream, FrameType.Close, []);
        await edge.NextAsync(FrameType.CloseBack, stream);
        await echo;
        Assert.Equal(sent, received.ToArray());
    }

    private static async Task<WireEdge> ConnectAsync(TestHub hub, int targetPort, string? proxy = null)
    {
        hub.Allow(1, (PublicPort, new PortOptions { Target = $"127.0.0.1:{targetPort}", ProxyProtocol = proxy }));
        return await hub.ConnectAsync();
    }

    private static async Task EchoAsync(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer, Timeouts.Token()) is > 0 and var read)
        {
            await socket.SendAsync(buffer.AsMemory(0, read), Timeouts.Token());
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    private static byte[] Code(StreamEndReason reason)
    {
        var code = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(code, reason.WireCode());
        return code;
    }
}
