using System.Text;
using RemoteIngress.Edge.Tests.Hubs;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Edge.Tests.Forwarding;

/// <summary>The rules of docs/protocol.md by which a connection moves to another hub before OPENED, with two hubs in memory.</summary>
public sealed class MoveTests
{
    public static TheoryData<string> FirstBytesThatMayBeRepeated => ["", "hello", "half a hello"];

    [Theory]
    [MemberData(nameof(FirstBytesThatMayBeRepeated))]
    public async Task FirstHub_Refuses_SecondGetsTheSameBytesOnce(string first)
    {
        await using var refusing = ScriptedHub.Start("refusing");
        await using var accepting = ScriptedHub.Start("accepting");
        var bytes = Bytes(first);
        refusing.OnOpen = stream => _ = RefuseAfterAsync(stream, bytes.Length);
        await using var edge = await EdgeHarness.StartAsync([refusing, accepting]);

        await RunUntilMovedAsync(edge, refusing, accepting, bytes);
    }

    [Fact]
    public async Task FirstHub_LosesItsTunnel_ConnectionMoves()
    {
        await using var dying = ScriptedHub.Start("dying");
        await using var accepting = ScriptedHub.Start("accepting");
        dying.OnOpen = stream => _ = CutAfterAsync(stream, ClientHello.Length);
        await using var edge = await EdgeHarness.StartAsync([dying, accepting]);

        await RunUntilMovedAsync(edge, dying, accepting, ClientHello);
    }

    [Fact]
    public async Task FirstHub_NeverAnswers_ConnectionMovesAndTheHubIsTold()
    {
        await using var silent = ScriptedHub.Start("silent");
        await using var accepting = ScriptedHub.Start("accepting");
        silent.OnOpen = _ => { };
        await using var edge = await EdgeHarness.StartAsync([silent, accepting]);

        var left = await RunUntilMovedAsync(edge, silent, accepting, ClientHello);

        Assert.Equal(StreamEndReason.MovedAway, await left.WasReset.WaitAsync(edge.Token));
    }

    [Fact]
    public async Task Eager_BytesThatAreNoClientHelloWentOut_ClientGetsResetAndTheyAreToldOnce()
    {
        await using var refusing = ScriptedHub.Start("refusing");
        await using var other = ScriptedHub.Start("other");
        var bytes = "GET / HTTP/1.1\r\n\r\n"u8.ToArray();
        refusing.OnOpen = stream => _ = RefuseAfterAsync(stream, bytes.Length);
        other.OnOpen = refusing.OnOpen;
        await using var edge = await EdgeHarness.StartAsync([refusing, other]);
        using var client = await edge.ConnectAsync();
        await client.Client.SendAsync(bytes, edge.Token);

        await ForwardingTests.AssertResetAsync(client, edge);

        Assert.Single(refusing.Streams.Concat(other.Streams));
    }

    [Fact]
    public async Task Confirmed_AnyBytes_MoveAndAreToldOnlyToTheHubThatAccepted()
    {
        await using var refusing = ScriptedHub.Start("refusing");
        await using var accepting = ScriptedHub.Start("accepting");
        refusing.OnOpen = stream => stream.Refuse(StreamEndReason.TargetUnreachable);
        await using var edge = await EdgeHarness.StartAsync([refusing, accepting], open: "confirmed");

        var left = await RunUntilMovedAsync(edge, refusing, accepting, "POST /pay HTTP/1.1\r\n\r\n"u8.ToArray());

        Assert.Empty(await left.ReceivedAsync(0));
    }

    [Fact]
    public async Task AllHubs_Refuse_ClientGetsReset()
    {
        await using var first = ScriptedHub.Start("first");
        await using var second = ScriptedHub.Start("second");
        first.OnOpen = second.OnOpen = stream => stream.Refuse(StreamEndReason.TargetRefused);
        await using var edge = await EdgeHarness.StartAsync([first, second]);

        await ForwardingTests.AssertNewClientIsResetAsync(edge);

        Assert.Single(first.Streams);
        Assert.Single(second.Streams);
    }

    [Fact]
    public async Task Opened_ThenTheTunnelDies_NothingMoves()
    {
        await using var first = ScriptedHub.Start("first");
        await using var second = ScriptedHub.Start("second");
        await using var edge = await EdgeHarness.StartAsync([first, second]);
        using var client = await edge.ConnectAsync();
        await client.Client.SendAsync(ClientHello, edge.Token);
        var stream = await ScriptedHub.NextStreamOfAsync(first, second, edge.Token);
        stream.Post(s => s.Send("x"));
        Assert.Equal(1, await client.Client.ReceiveAsync(new byte[1], edge.Token));

        stream.Hub.CutTunnels();

        await ForwardingTests.AssertResetAsync(client, edge);
        Assert.Single(first.Streams.Concat(second.Streams));
    }

    internal static byte[] ClientHello { get; } = MakeClientHello();

    /// <summary>
    /// Connects until the first hub was chosen (connections stay open, so that the other one becomes the dearer choice), and checks that
    /// the other hub got all of each.
    /// </summary>
    private static async Task<ScriptedStream> RunUntilMovedAsync(EdgeHarness edge, ScriptedHub leaving, ScriptedHub staying, byte[] bytes)
    {
        var clients = new List<(System.Net.Sockets.TcpClient Client, ScriptedStream Stream)>();
        while (leaving.Streams.IsEmpty)
        {
            var client = await edge.ConnectAsync();
            await client.Client.SendAsync(bytes, edge.Token);
            client.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            var stream = await staying.NextStreamAsync(edge.Token);
            Assert.Equal(bytes, await stream.Ended.WaitAsync(edge.Token));
            clients.Add((client, stream));
        }

        foreach (var (client, stream) in clients)
        {
            stream.Post(s => s.Send("served"));
            stream.Post(s => s.Finish());
            Assert.Equal("served", await ForwardingTests.ReadAllAsync(client, edge));
            client.Dispose();
        }

        var left = Assert.Single(leaving.Streams);
        Assert.Equal(1, (await edge.Edge.GetStatusAsync()).Connections.Moved);
        return left;
    }

    private static async Task RefuseAfterAsync(ScriptedStream stream, int length)
    {
        await stream.ReceivedAsync(length);
        stream.Post(s => s.Refuse(StreamEndReason.TargetRefused));
    }

    private static async Task CutAfterAsync(ScriptedStream stream, int length)
    {
        await stream.ReceivedAsync(length);
        stream.Hub.CutTunnels();
    }

    private static byte[] Bytes(string name) => name switch
    {
        "hello" => ClientHello,
        "half a hello" => ClientHello[..(ClientHello.Length / 2)],
        _ => Encoding.ASCII.GetBytes(name),
    };

    private static byte[] MakeClientHello()
    {
        // What SslStream really sends first.
        var sent = new MemoryStream();
        using var ssl = new System.Net.Security.SslStream(new RecordingStream(sent));
        Assert.ThrowsAny<Exception>(() => ssl.AuthenticateAsClient("moves.test"));
        return sent.ToArray();
    }
}
