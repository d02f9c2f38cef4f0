using System.Net.Sockets;
using System.Text;
using RemoteIngress.Edge.Tests.Hubs;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Edge.Tests.Forwarding;

public sealed class ForwardingTests
{
    [Fact]
    public async Task Client_SendsAndFinishes_GetsTheAnswerAfterItsOwnEnd()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);
        using var client = await edge.ConnectAsync();
        await client.Client.SendAsync("question"u8.ToArray(), edge.Token);
        client.Client.Shutdown(SocketShutdown.Send);

        var stream = await hub.NextStreamAsync(edge.Token);
        Assert.Equal("question", Encoding.ASCII.GetString(await stream.Ended.WaitAsync(edge.Token)));
        stream.Post(s => s.Send("answer"));
        stream.Post(s => s.Finish());

        Assert.Equal("answer", await ReadAllAsync(client, edge));
    }

    [Fact]
    public async Task Open_CarriesTheClientsAndThePublicAddress()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);
        using var client = await edge.ConnectAsync();

        var stream = await hub.NextStreamAsync(edge.Token);

        var local = (System.Net.IPEndPoint)client.Client.LocalEndPoint!;
        Assert.Equal($"PROXY TCP4 127.0.0.1 127.0.0.1 {local.Port} {edge.Port}\r\n", stream.ProxyLine);
    }

    [Fact]
    public async Task Client_Resets_HubIsToldPeerReset()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);
        var client = await edge.ConnectAsync();
        var stream = await hub.NextStreamAsync(edge.Token);

        // not TcpClient.Dispose, which sends FIN first
        client.LingerState = new LingerOption(true, 0);
        client.Client.Close();

        Assert.Equal(StreamEndReason.PeerReset, await stream.WasReset.WaitAsync(edge.Token));
    }

    [Fact]
    public async Task Target_Resets_ClientGetsReset()
    {
        await using var hub = ScriptedHub.Start();
        await using var edge = await EdgeHarness.StartAsync([hub]);
        using var client = await edge.ConnectAsync();
        var stream = await hub.NextStreamAsync(edge.Token);

        stream.Post(s => s.Refuse(StreamEndReason.PeerReset));

        await AssertResetAsync(client, edge);
    }

    [Fact]
    public async Task OnlyHub_CannotReachItsTarget_ClientGetsReset()
    {
        await using var hub = ScriptedHub.Start();
        hub.OnOpen = stream => stream.Refuse(StreamEndReason.TargetRefused);
        await using var edge = await EdgeHarness.StartAsync([hub]);

        await AssertNewClientIsResetAsync(edge);
    }

    internal static async Task<string> ReadAllAsync(TcpClient client, EdgeHarness edge)
    {
        // not GetStream, which refuses once the client has finished its own direction
        var text = new StringBuilder();
        var buffer = new byte[1024];
        for (int count; (count = await client.Client.ReceiveAsync(buffer, edge.Token)) > 0;)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    /// <summary>A reset may come so soon that connecting already meets it.</summary>
    internal static async Task AssertNewClientIsResetAsync(EdgeHarness edge)
    {
        var exception = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = await edge.ConnectAsync();
            _ = await client.Client.ReceiveAsync(new byte[1], edge.Token);
        });
        Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
    }

    internal static async Task AssertResetAsync(TcpClient client, EdgeHarness edge)
    {
        var exception = await Assert.ThrowsAsync<SocketException>(async () => _ = await client.Client.ReceiveAsync(new byte[1], edge.Token));
        Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
    }
}
