using RemoteIngress.Edge.Tests.Hubs;

namespace RemoteIngress.Edge.Tests.Forwarding;

/// <summary>A hub that does not answer costs one connection its second, not every one.</summary>
public sealed class SuspectTests
{
    private const int Clients = 20;

    [Fact]
    public async Task HubHangs_OneConnectionMoves_LaterOnesAvoidIt_UntilItAnswers()
    {
        await using var hanging = ScriptedHub.Start("hanging");
        await using var healthy = ScriptedHub.Start("healthy");
        await using var edge = await EdgeHarness.StartAsync([hanging, healthy], open: "confirmed");
        using var goOn = new ManualResetEventSlim();
        var clients = new List<System.Net.Sockets.TcpClient>();
        hanging.Loop.Post(() => goOn.Wait(edge.Token));

        // every stream that stays open makes the other hub the better choice
        while ((await edge.Edge.GetStatusAsync()).Connections.Moved == 0)
        {
            clients.Add(await edge.ConnectAsync());
            await healthy.NextStreamAsync(edge.Token);
        }

        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await edge.ConnectAsync());
            await healthy.NextStreamAsync(edge.Token);
        }

        Assert.Equal(1, (await edge.Edge.GetStatusAsync()).Connections.Moved);
        goOn.Set();
        while (hanging.Streams.Count < 2)
        {
            // the first is the one that moved away
            clients.Add(await edge.ConnectAsync());
            await ScriptedHub.NextStreamOfAsync(hanging, healthy, edge.Token);
        }

        clients.ForEach(client => client.Dispose());
    }
}
