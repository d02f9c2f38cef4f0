using System.Net;
using System.Net.Sockets;
using RemoteIngress.Edge.Events;
using RemoteIngress.Hub;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Embedding;

/// <summary>The events of the embedding API, each raised by what it tells of; crashes are in <see cref="CrashTests"/>.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task Tunnels_streams_and_ports_are_told_by_hub_and_edge()
    {
        var token = Timeouts.Token();
        await using var pair = await EmbeddedPair.StartAsync(token, loops: 2);

        var connected = await pair.NextOfHubAsync<EdgeConnectedEventArgs>(token);
        Assert.Equal((pair.EdgeId, "tcpTls"), (connected.EdgeId, connected.Transport));
        Assert.StartsWith("127.0.0.1:", connected.RemoteAddress, StringComparison.Ordinal);
        var up = await pair.NextOfEdgeAsync<TunnelConnectedEventArgs>(token);
        Assert.Equal(($"127.0.0.1:{pair.Hub.TunnelPort}", "hub-1"), (up.Hub, up.HubId));
        var assigned = await pair.NextOfEdgeAsync<PortsAssignedEventArgs>(token);
        Assert.Equal([new PortOutcome(pair.Port, "tcp", Ok: true, null)], assigned.Ports);
        await pair.WaitUntilServingAsync(token);

        using (var client = await TestClient.ConnectAsync(pair.Port, token))
        {
            await client.EchoAsync("through both", token);
            var opened = await pair.NextOfHubAsync<StreamOpenedEventArgs>(token);
            Assert.Equal(
                (pair.EdgeId, connected.InstanceId, pair.Port, client.LocalEndPoint.ToString(), pair.Target.EndPoint.ToString()),
                (opened.EdgeId, opened.InstanceId, opened.Port, opened.ClientAddress, opened.Target));
            client.EndWriting();
            await client.ReceiveToEndAsync(token);
            var closed = await pair.NextOfHubAsync<StreamClosedEventArgs>(token);
            Assert.Equal((opened.StreamId, opened.ClientAddress, "completed"), (closed.StreamId, closed.ClientAddress, closed.Reason));
        }

        // nothing more of a second tunnel, and nothing twice
        Assert.Empty(pair.RestOfHub());
        Assert.Empty(pair.RestOfEdge());

        await pair.Edge.StopAsync(token);
        var down = Assert.IsType<TunnelDisconnectedEventArgs>(Assert.Single(pair.RestOfEdge()));
        Assert.Equal((up.Hub, up.HubId, "shutdown"), (down.Hub, down.HubId, down.Reason));
        var gone = await pair.NextOfHubAsync<EdgeDisconnectedEventArgs>(token);
        Assert.Equal((pair.EdgeId, connected.InstanceId), (gone.EdgeId, gone.InstanceId));
    }

    [Fact]
    public async Task A_change_of_ports_is_told_with_what_became_of_each_and_one_without_a_change_is_not()
    {
        var token = Timeouts.Token();
        await using var pair = await EmbeddedPair.StartAsync(token);
        await pair.NextOfEdgeAsync<PortsAssignedEventArgs>(token);
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, Ports.Free()));
        other.Listen();
        var busy = ((IPEndPoint)other.LocalEndPoint!).Port;

        await pair.Hub.UpdateAllowedEdgesAsync([pair.Allowed(pair.Port, busy)], token);
        var updated = await pair.NextOfEdgeAsync<PortsUpdatedEventArgs>(token);
        Assert.Equal(
            [new PortOutcome(pair.Port, "tcp", Ok: true, null), new PortOutcome(busy, "tcp", Ok: false, "address already in use")], updated.Ports);

        other.Dispose();
        var freed = await pair.NextOfEdgeAsync<PortsUpdatedEventArgs>(token);
        Assert.Equal((updated.Generation, true), (freed.Generation, freed.Ports.All(port => port.Ok)));

        // the target alone is another one: another generation with the same ports
        await pair.Hub.UpdateAllowedEdgesAsync([pair.Allowed(pair.Port, busy) with { PortOptions = null }], token);
        await Poll.UntilAsync(
            "the generation is acknowledged",
            () => pair.Hub.GetStatus().ConnectedEdges is [var edge] && edge.Generation > freed.Generation && edge.AcknowledgedGeneration == edge.Generation,
            token);
        await pair.Hub.UpdateAllowedEdgesAsync([pair.Allowed(pair.Port)], token);
        Assert.Equal([pair.Port], (await pair.NextOfEdgeAsync<PortsUpdatedEventArgs>(token)).Ports.Select(port => port.Port));
    }

    [Fact]
    public async Task A_hub_that_stops_tells_of_its_edges_before_it_has_stopped_and_the_edge_of_its_tunnel()
    {
        var token = Timeouts.Token();
        await using var pair = await EmbeddedPair.StartAsync(token);
        await pair.NextOfHubAsync<EdgeConnectedEventArgs>(token);
        await pair.NextOfEdgeAsync<TunnelConnectedEventArgs>(token);

        await pair.Hub.StopAsync(token);

        Assert.IsType<EdgeDisconnectedEventArgs>(Assert.Single(pair.RestOfHub()));
        Assert.Equal("hub-1", (await pair.NextOfEdgeAsync<TunnelDisconnectedEventArgs>(token)).HubId);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_ever_for_a_handler_that_waits_for_the_stop()
    {
        var token = Timeouts.Token();
        await using var pair = await EmbeddedPair.StartAsync(token);
        await pair.NextOfHubAsync<EdgeConnectedEventArgs>(token);
        using var stopped = new ManualResetEventSlim();
        pair.Hub.EdgeDisconnected += (_, _) => stopped.Wait(CancellationToken.None);

        await pair.Hub.StopAsync(token);

        Assert.False(pair.Hub.GetStatus().Running);
        stopped.Set();
    }

    [Fact]
    public async Task Two_hubs_and_two_edges_in_one_process_do_not_meet()
    {
        var token = Timeouts.Token();
        await using var one = await EmbeddedPair.StartAsync(token, "a", loops: 2);
        await using var two = await EmbeddedPair.StartAsync(token, "b", loops: 2);
        await one.WaitUntilServingAsync(token);
        await two.WaitUntilServingAsync(token);
        using var first = await TestClient.ConnectAsync(one.Port, token);
        using var second = await TestClient.ConnectAsync(two.Port, token);
        using var third = await TestClient.ConnectAsync(two.Port, token);
        await Task.WhenAll(first.EchoAsync("one", token), second.EchoAsync("two", token), third.EchoAsync("three", token));

        Assert.Equal(("edge-a", 1), Served(one));
        Assert.Equal(("edge-b", 2), Served(two));
        Assert.Equal((1, 2), (one.Target.Active, two.Target.Active));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.NotEqual(one.Hub.AdminUrl, two.Hub.AdminUrl);
        var metrics = await http.GetStringAsync(new Uri(one.Hub.AdminUrl!, "/metrics"), token);
        string[] connections = [.. metrics.Split('\n').Where(line => line.StartsWith("remoteingress_hub_active_connections{", StringComparison.Ordinal)).Order()];
        Assert.True(
            connections is [var a, var b] && a.Contains("\"hub-a\"", StringComparison.Ordinal) && a.EndsWith("} 1", StringComparison.Ordinal)
                && b.Contains("\"hub-b\"", StringComparison.Ordinal) && b.EndsWith("} 2", StringComparison.Ordinal),
            string.Join('\n', connections));

        // the end of one is none of the other
        await one.Hub.UpdateAllowedEdgesAsync([], token);
        await one.NextOfHubAsync<EdgeDisconnectedEventArgs>(token);
        await one.Hub.StopAsync(token);
        await second.EchoAsync("still here", token);
    }

    private static (string EdgeId, int Streams) Served(EmbeddedPair pair)
    {
        var edge = Assert.Single(pair.Hub.GetStatus().ConnectedEdges);
        return (edge.EdgeId, edge.ActiveStreams);
    }
}
