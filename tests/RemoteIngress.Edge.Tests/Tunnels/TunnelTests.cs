using System.Net.Http.Json;
using RemoteIngress.Edge.Status;
using RemoteIngress.Edge.Tests.Forwarding;
using RemoteIngress.Edge.Tests.Hubs;

namespace RemoteIngress.Edge.Tests.Tunnels;

public sealed class TunnelTests
{
    [Fact]
    public async Task TunnelCut_EdgeIsBackByItself_AndKeepsItsPorts()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);

        hub.CutTunnels();
        await hub.NextSessionAsync(edge.Token);

        using var client = await edge.ConnectAsync();
        await hub.NextStreamAsync(edge.Token);
    }

    [Fact]
    public async Task Stop_HubDoesNotAnswer_LeavesNoSocketOpen()
    {
        using var stopped = new ManualResetEventSlim();
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);
        using var client = await edge.ConnectAsync();
        await hub.NextStreamAsync(edge.Token);
        Assert.Equal(3, edge.Edge.Sockets);

        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        hub.Loop.Post(() => stopped.Wait(edge.Token));
        await edge.Edge.StopAsync(now.Token);
        stopped.Set();

        Assert.Equal(0, edge.Edge.Sockets);
    }

    [Fact]
    public async Task HubDrains_OldStreamGoesOn_NewOneTakesTheOtherHub()
    {
        await using var leaving = ScriptedHub.Start("leaving");
        await using var staying = ScriptedHub.Start("staying");
        await using var edge = await EdgeHarness.StartAsync([leaving, staying]);
        using var old = await edge.ConnectAsync();
        var stream = await ScriptedHub.NextStreamOfAsync(leaving, staying, edge.Token);
        var other = stream.Hub == leaving ? staying : leaving;

        stream.Hub.Drain();
        await WaitForStateAsync(edge, stream.Hub, "draining");
        using var fresh = await edge.ConnectAsync();

        await other.NextStreamAsync(edge.Token);
        stream.Post(s => s.Send("finished"));
        stream.Post(s => s.Finish());
        Assert.Equal("finished", await ForwardingTests.ReadAllAsync(old, edge));
    }

    [Fact]
    public async Task WrongSecret_NoTunnel_StatusSaysSo()
    {
        await using var hub = ScriptedHub.Start();
        hub.RejectsEveryone = true;
        await using var edge = await EdgeHarness.StartAsync([hub.Address], 0);

        await WaitForStateAsync(edge, hub, "waiting");

        Assert.False((await edge.Edge.GetStatusAsync()).Connected);
    }

    [Fact]
    public async Task StatusEndpoint_ReadyOnlyWhileATunnelIsUp()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);
        using var http = new HttpClient { BaseAddress = edge.Edge.StatusUrl };
        using var client = await edge.ConnectAsync();
        await hub.NextStreamAsync(edge.Token);

        Assert.True((await http.GetAsync("/readyz", edge.Token)).IsSuccessStatusCode);
        var status = await http.GetFromJsonAsync<EdgeStatus>("/status", edge.Token);
        Assert.True(status!.Connected);
        Assert.Equal(1, status.ActiveStreams);
        Assert.Equal([edge.Port], status.ListenPorts);
        Assert.Equal("hub-1", Assert.Single(status.Tunnels).HubId);

        await hub.DisposeAsync();
        await WaitForStateAsync(edge, hub, "waiting", "connecting");
        Assert.Equal(503, (int)(await http.GetAsync("/readyz", edge.Token)).StatusCode);
        Assert.Equal(200, (int)(await http.GetAsync("/healthz", edge.Token)).StatusCode);
    }

    [Fact]
    public async Task Stop_OpenConnectionFinishesFirst_NewOnesAreRefused()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);
        using var client = await edge.ConnectAsync();
        var stream = await hub.NextStreamAsync(edge.Token);

        var stopping = edge.Edge.StopAsync(edge.Token);
        await WaitUntilRefusedAsync(edge);
        Assert.False(stopping.IsCompleted);
        stream.Post(s => s.Send("to the end"));
        stream.Post(s => s.Finish());
        Assert.Equal("to the end", await ForwardingTests.ReadAllAsync(client, edge));
        client.Client.Close();

        await stopping.WaitAsync(edge.Token);
        Assert.False(edge.Edge.GetStatus().Running);
    }

    private static async Task WaitUntilRefusedAsync(EdgeHarness edge)
    {
        try
        {
            while (true)
            {
                using var client = await edge.ConnectAsync();
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            // nobody listens any more
        }
    }

    private static async Task WaitForStateAsync(EdgeHarness edge, ScriptedHub hub, params string[] states)
    {
        while (!Array.Exists(states, (await edge.Edge.GetStatusAsync()).Tunnels.Single(t => t.Hub == hub.Address.ToString()).State.Equals))
        {
            edge.Token.ThrowIfCancellationRequested();
        }
    }
}
