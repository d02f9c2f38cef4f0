using RemoteIngress.Hub.Tests.Forwarding;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing;

namespace RemoteIngress.Hub.Tests.Tunnels;

public sealed class DrainTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Draining_refuses_new_streams_and_waits_for_the_old_ones()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target);
        var stream = await edge.OpenStreamAsync(80);
        using var socket = await target.AcceptAsync();
        await edge.NextAsync(FrameType.Opened, stream);

        var drained = hub.Server.DrainAsync(Long, Timeouts.Token());

        Assert.Equal("draining", WireEdge.Decode<GoAway>(await edge.NextAsync(FrameType.GoAway)).Reason);

        // asking anything answers the hub's PING, too
        await edge.HasConfigAsync();
        Assert.Equal(StreamEndReason.Shutdown, await edge.ResetAsync(await edge.OpenStreamAsync(80)));
        Assert.False(drained.IsCompleted);
        await socket.SendAsync("the end"u8.ToArray(), Timeouts.Token());
        socket.Close();
        Assert.Equal("the end", await edge.ReadToEndAsync(stream));
        Assert.False(drained.IsCompleted);
        await edge.SendAsync(stream, FrameType.Close, []);

        Assert.True(await drained);
        await hub.Server.StopAsync(TunnelEndReason.Draining);
        var last = await edge.ReadToCloseAsync();
        Assert.Equal(RejectCode.Draining, WireEdge.Decode<Reject>(last[^1]).Code);
    }

    [Fact]
    public async Task A_stream_that_crosses_the_GOAWAY_is_served_also_when_nothing_else_is_open()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target);

        var drained = hub.Server.DrainAsync(Long, Timeouts.Token());

        // as an edge that has not read it yet
        await edge.NextAsync(FrameType.GoAway);
        var stream = await edge.OpenStreamAsync(80);
        await edge.SendDataAsync(stream, "sent in good faith");
        Assert.False(drained.IsCompleted);
        using var socket = await target.AcceptAsync();
        await edge.NextAsync(FrameType.Opened, stream);
        await edge.SendAsync(stream, FrameType.Close, []);
        Assert.Equal("sent in good faith", await RawTarget.ReadToEndAsync(socket));
        socket.Close();

        Assert.True(await drained);
    }

    [Fact]
    public async Task Draining_an_idle_hub_takes_no_time_and_closes_the_port()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow();
        await using var edge = await hub.ConnectAsync();

        var drained = hub.Server.DrainAsync(Long, Timeouts.Token());
        await edge.NextAsync(FrameType.GoAway);
        await edge.HasConfigAsync();
        Assert.True(await drained);

        Assert.False(await Ports.AcceptsAsync(hub.Port, Timeouts.Token()));
    }

    [Fact]
    public async Task What_outlives_the_drain_timeout_is_cut()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        await using var edge = await ConnectAsync(hub, target);
        var stream = await edge.OpenStreamAsync(80);
        using var socket = await target.AcceptAsync();
        await edge.NextAsync(FrameType.Opened, stream);

        Assert.False(await hub.Server.DrainAsync(TimeSpan.FromMilliseconds(50), Timeouts.Token()));
        await hub.Server.StopAsync(TunnelEndReason.Draining);

        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => RawTarget.ReadToEndAsync(socket));
        await edge.ReadToCloseAsync();
    }

    [Fact]
    public async Task The_last_bytes_of_a_drained_connection_arrive_although_the_edge_talks_on()
    {
        using var target = new RawTarget();
        await using var hub = await TestHub.StartAsync();
        hub.Allow(1, (80, new Contracts.PortOptions { Target = $"127.0.0.1:{target.Port}", ProxyProtocol = "none" }));

        // So small a window that most of the answer stays in the hub's kernel.
        await using var edge = await WireEdge.OpenAsync(hub.Port, Timeouts.Token(), receiveBuffer: 4096);
        await edge.AuthenticateAsync(TestHub.EdgeId, TestHub.Secret, "i-1");
        var stream = await edge.OpenStreamAsync(80);
        await edge.SendAsync(stream, FrameType.Close, []);
        using var socket = await target.AcceptAsync();
        await socket.SendAsync(new byte[200 * 1024], Timeouts.Token());
        socket.Close();

        Assert.True(await hub.Server.DrainAsync(Long, Timeouts.Token()));
        var stopped = hub.Server.StopAsync(TunnelEndReason.Draining);
        var status = ControlCodec.Encode(new EdgeStatusReport { Software = "wire-edge" });

        var frames = await edge.ReadToCloseAsync(() => edge.SendAsync(FrameType.Status, status));
        Assert.Equal(200 * 1024, frames.Where(frame => frame.Type == FrameType.DataBack).Sum(frame => frame.Payload.Length));
        Assert.Equal(FrameType.Reject, frames[^1].Type);
        await stopped;
    }

    [Fact]
    public async Task A_tunnel_that_was_being_authenticated_is_turned_away()
    {
        await using var hub = await TestHub.StartAsync();
        hub.Allow();
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        hub.Registry.BeforeAnswer = _ =>
        {
            asked.TrySetResult();
            return answer.Task;
        };
        var connecting = hub.ConnectAsync();
        await asked.Task.WaitAsync(Timeouts.Token());

        await hub.Server.DrainAsync(Long, Timeouts.Token());
        answer.SetResult();

        Assert.Equal(RejectCode.Draining, (await Assert.ThrowsAsync<WireRejectedException>(() => connecting)).Code);
    }

    private static async Task<WireEdge> ConnectAsync(TestHub hub, RawTarget target)
    {
        hub.Allow(1, (80, new Contracts.PortOptions { Target = $"127.0.0.1:{target.Port}", ProxyProtocol = "none" }));
        return await hub.ConnectAsync();
    }
}
