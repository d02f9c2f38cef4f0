using System.Net;
using System.Net.Sockets;
using RemoteIngress.Hub.Tunnels;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Testing;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Hub.Tests.Tunnels;

/// <summary>On which loop a connection lands, by what its ClientHello says.</summary>
public sealed class LobbyTests
{
    private const string ForDatagrams = "remoteingress/2-datagrams";
    private const int DatagramLoop = 2;

    [Fact]
    public async Task Tunnels_of_datagrams_have_the_datagram_loop_and_the_others_the_others()
    {
        await using var hub = await StartAsync();
        await using var marked = await OpenAsync(hub, alsoOffered: ForDatagrams);
        await using var markedToo = await OpenAsync(hub, alsoOffered: ForDatagrams);
        await using var plain = await OpenAsync(hub);
        await using var alsoPlain = await OpenAsync(hub, alsoOffered: "h2");

        Assert.Equal([1, 1, 2], Loads(hub));
        await marked.AuthenticateAsync(TestHub.EdgeId, TestHub.Secret, "i-1");
        Assert.Equal(1, (await marked.ConfigAsync()).Generation);
    }

    [Fact]
    public async Task A_ClientHello_in_pieces_is_waited_for()
    {
        await using var hub = await StartAsync();

        await using var marked = await OpenAsync(hub, wire => new InTwoPieces(wire, () => hub.Server.Load == 1), ForDatagrams);

        Assert.Equal([0, 0, 1], Loads(hub));
    }

    [Fact]
    public async Task Who_says_nothing_is_an_edge_like_any_and_goes_when_its_time_is_over()
    {
        await using var hub = await StartAsync(TunnelOptions.Default with { HandshakeTimeout = TimeSpan.FromSeconds(1) });
        using var silent = await ConnectAsync(hub);

        Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[1], Timeouts.Token()));

        Assert.Equal(TunnelEndReason.HandshakeTimeout, (await hub.NextAsync<HubEvent.Refused>()).Reason);
    }

    [Fact]
    public async Task Who_hangs_up_in_the_lobby_is_gone()
    {
        await using var hub = await StartAsync();
        using (var silent = await ConnectAsync(hub))
        {
            await Poll.UntilAsync("it is in the lobby", () => hub.Server.Load == 1, Timeouts.Token());
        }

        await hub.NextAsync<HubEvent.Refused>();
        await Poll.UntilAsync("it is gone", () => hub.Server.Load == 0, Timeouts.Token());
    }

    [Fact]
    public async Task Draining_empties_the_lobby_and_gives_its_places_back()
    {
        await using var hub = await StartAsync();
        using var silent = await ConnectAsync(hub);
        await Poll.UntilAsync("it is in the lobby", () => hub.Server.Load == 1, Timeouts.Token());

        Assert.True(await hub.Server.DrainAsync(TimeSpan.FromMinutes(5), Timeouts.Token()));

        Assert.Equal(TunnelEndReason.Draining, (await hub.NextAsync<HubEvent.Refused>()).Reason);
        Assert.Equal(0, hub.Server.Load);
    }

    private static async Task<TestHub> StartAsync(TunnelOptions? tunnel = null)
    {
        var hub = await TestHub.StartAsync(tunnel, datagramLoops: 1);
        hub.Allow();
        return hub;
    }

    private static Task<WireEdge> OpenAsync(TestHub hub, Func<Stream, Stream>? wrap = null, params string[] alsoOffered) =>
        WireEdge.OpenAsync(hub.Port, Timeouts.Token(), wrap: wrap, alsoOffered: alsoOffered);

    private static async Task<TcpClient> ConnectAsync(TestHub hub)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, hub.Port, Timeouts.Token());
        return client;
    }

    private static IEnumerable<int> Loads(TestHub hub)
    {
        Assert.Equal(DatagramLoop, hub.Server.Loops.Count - 1);
        return hub.Server.Loops.Select(loop => loop.Load);
    }

    /// <summary>Sends the beginning of what is written first, and the rest when it is somewhere.</summary>
    private sealed class InTwoPieces(Stream inner, Func<bool> hasArrived) : Stream
    {
        private bool _isFirst = true;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer, cancellationToken);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_isFirst)
            {
                _isFirst = false;
                await inner.WriteAsync(buffer[..40], cancellationToken);
                await Poll.UntilAsync("the first piece is there", hasArrived, cancellationToken);
                buffer = buffer[40..];
            }

            await inner.WriteAsync(buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
