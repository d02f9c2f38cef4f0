using System.Net.Sockets;
using RemoteIngress.Edge.Tests.Hubs;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Edge.Tests.Forwarding;

/// <summary>Each bound of an edge: who is beyond is reset at once and counted by the option's name, the others go on, and a place that is free again is free.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task MaxStreams_IsOneNumberForAllLoops()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub], change: o => Set(o, o => (o.MaxStreams, o.Loops) = (3, 2)));
        var served = new List<TcpClient>();
        for (var i = 0; i < 3; i++)
        {
            served.Add(await edge.ConnectAsync());
            await hub.NextStreamAsync(edge.Token);
        }

        await ForwardingTests.AssertNewClientIsResetAsync(edge);

        var status = await edge.Edge.GetStatusAsync();
        Assert.Equal(1, status.Limits["maxStreams"]);
        Assert.Equal(1, status.Connections.Refused["limit_reached"]);
        Assert.Equal(3, status.ActiveStreams);
        served[0].Client.Close(0);
        await UntilActiveAsync(edge, 2);
        using var next = await edge.ConnectAsync();
        await hub.NextStreamAsync(edge.Token);
        served.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task MaxStreamsPerTunnel_TheNextTunnelTakesTheClient_AndWithoutOneItIsReset()
    {
        await using var one = ScriptedHub.Start("one");
        await using var two = ScriptedHub.Start("two");
        await using var edge = await EdgeHarness.StartAsync([one, two], change: o => Set(o, o => o.MaxStreamsPerTunnel = 1));
        using var first = await edge.ConnectAsync();
        await ScriptedHub.NextStreamOfAsync(one, two, edge.Token);
        using var second = await edge.ConnectAsync();
        await ScriptedHub.NextStreamOfAsync(one, two, edge.Token);

        await ForwardingTests.AssertNewClientIsResetAsync(edge);

        Assert.Equal((1, 1), (one.Streams.Count, two.Streams.Count));
        var status = await edge.Edge.GetStatusAsync();
        Assert.InRange(status.Limits["maxStreamsPerTunnel"], 2, 4);
        Assert.Equal(1, status.Connections.Ended[StreamEndReason.LimitReached.MetricTag()]);
        Assert.Equal(0, status.Connections.Moved);
    }

    [Fact]
    public async Task Status_HasDescriptorsAndMetricsHaveTheSameByLabel()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub], change: o => Set(o, o => o.MaxStreams = 1));
        using var served = await edge.ConnectAsync();
        await hub.NextStreamAsync(edge.Token);
        await ForwardingTests.AssertNewClientIsResetAsync(edge);

        var status = await edge.Edge.GetStatusAsync();
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri(edge.Edge.StatusUrl!, "/metrics"), edge.Token);

        Assert.InRange(status.Descriptors!.Open, 10, status.Descriptors.Limit);
        Assert.Equal(Math.Min(256, status.Descriptors.Limit / 4), status.Descriptors.Reserved);
        Assert.Matches("(?m)^remoteingress_edge_limits_met_total{[^}]*limit=\"maxStreams\"[^}]*} 1( |$)", metrics);
        Assert.Matches("(?m)^remoteingress_edge_refused_connections_total{[^}]*error_type=\"limit_reached\"[^}]*} 1( |$)", metrics);
        Assert.Matches($"(?m)^remoteingress_edge_descriptor_limit{{[^}}]*}} {status.Descriptors.Limit}( |$)", metrics);
        Assert.Contains("service_name=\"remoteingress-edge\"", metrics);
    }

    private static EdgeOptions Set(EdgeOptions options, Action<EdgeOptions> change)
    {
        change(options);
        return options;
    }

    private static async Task UntilActiveAsync(EdgeHarness edge, long count)
    {
        while ((await edge.Edge.GetStatusAsync()).ActiveStreams != count)
        {
            edge.Token.ThrowIfCancellationRequested();
        }
    }
}
