using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Faults;

/// <summary>Strangers at the hub's tunnel port, beside an edge that is served all the while.</summary>
public sealed class StrangerTests
{
    private const long AllowedGrowth = 32L << 20;

    // 512 at a time, TLS state and all: 128 KiB for each
    private const long AllowedStrangerGrowth = 64L << 20;

    // the hub's own bounds
    private const int MaxUnauthenticated = 512;
    private const int MaxUnauthenticatedPerAddress = 32;

    // slowness is what this stranger is about: far fewer bytes than its frame has, over the whole deadline
    private static readonly TimeSpan BetweenBytes = TimeSpan.FromMilliseconds(100);

    private static readonly byte[] Random16K = RandomNumberGenerator.GetBytes(16 * 1024);

    /// <summary>What to send, whether within TLS, and the reason it is counted by; the hub closes each by itself.</summary>
    public static TheoryData<string, bool, byte[], string> Nonsense => new()
    {
        { "garbage", false, Random16K, "tls_failed" },
        { "HTTP", false, Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: hub\r\n\r\n"), "tls_failed" },
        { "a TLS record that is too long", false, [0x16, 0x03, 0x01, 0xFF, 0xFF, .. Random16K], "tls_failed" },
        { "garbage within TLS", true, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. Random16K], "protocol_error" },
        { "an oversized HELLO", true, Frame(0, FrameType.Hello, 4 * 1024 * 1024), "protocol_error" },
        { "HELLO over the limit before authentication", true, [.. Frame(0, FrameType.Hello, 4096), .. new byte[4096]], "pre_auth_limit" },
        { "HELLO that is no JSON", true, [.. Frame(0, FrameType.Hello, 16), .. "{not json at all"u8], "protocol_error" },
        { "OPEN before authentication", true, [.. Frame(1, FrameType.Open, 15), .. "PROXY UNKNOWN\r\n"u8], "protocol_error" },
        { "DATA before authentication", true, [.. Frame(1, FrameType.Data, 4), 1, 2, 3, 4], "protocol_error" },
        { "AUTH first", true, [.. Frame(0, FrameType.Auth, 2), .. "{}"u8], "protocol_error" },
        { "a hub's frame", true, [.. Frame(0, FrameType.Welcome, 2), .. "{}"u8], "protocol_error" },
        { "PING before authentication", true, [.. Frame(0, FrameType.Ping, 8), 1, 2, 3, 4, 5, 6, 7, 8], "protocol_error" },
        { "an unknown type", true, [.. Frame(0, (FrameType)0x7F, 4), 1, 2, 3, 4], "protocol_error" },
    };

    [Fact]
    public async Task Nonsense_IsClosedAndCountedByReason_WhileAnEdgeIsServed()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        var leaks = await LeakCheck.StartAsync(tunnel, token);
        using var served = await TestClient.ConnectAsync(port.Port, token);

        foreach (var (what, withinTls, says, reason) in Nonsense.Select(static row => row.Data))
        {
            var before = await tunnel.Hub.RefusedTunnelsAsync(reason, token);
            using var stranger = await ConnectAsync(tunnel.Hub.Setup.TunnelPort, withinTls, token);
            await stranger.SendAsync(says, token);
            await stranger.ReceiveToEndAsync(token);
            await Poll.UntilAsync($"{what} is counted as {reason}", async cancellation => await tunnel.Hub.RefusedTunnelsAsync(reason, cancellation) > before, token);
            await served.EchoAsync(what, token);
        }

        served.Dispose();
        await leaks.NothingIsLeftAsync(token);
    }

    [Fact]
    public async Task Unfinished_IsClosedByTheHandshakeDeadline_WhileAnEdgeIsServed()
    {
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        var leaks = await LeakCheck.StartAsync(tunnel, token);
        using var served = await TestClient.ConnectAsync(port.Port, token);

        byte[] hello = [.. Frame(0, FrameType.Hello, 200), .. new byte[100]];
        (bool WithinTls, byte[] Says)[] unfinished = [(false, []), (false, [0x16, 0x03, 0x01]), (true, []), (true, hello[..5]), (true, hello)];
        var ends = new List<Task<byte[]>>();
        foreach (var (withinTls, says) in unfinished)
        {
            var stranger = await ConnectAsync(tunnel.Hub.Setup.TunnelPort, withinTls, token);
            await stranger.SendAsync(says, token);
            ends.Add(stranger.ReceiveToEndAsync(token));
        }

        // a slow loris: a byte now and then, which must not win it more time
        using var loris = await TunnelStranger.ConnectTlsAsync(tunnel.Hub.Setup.TunnelPort, token);
        var lorisEnd = loris.ReceiveToEndAsync(token);
        await loris.SendAsync(hello.AsMemory(0, FrameHeader.Size), token);
        while (!lorisEnd.IsCompleted)
        {
            await served.EchoAsync("all the while", token);
            await TrySendAsync(loris, new byte[1], token);
            await Task.WhenAny(lorisEnd, Task.Delay(BetweenBytes, token));
        }

        await Task.WhenAll(ends);
        Assert.Equal(unfinished.Length + 1, await tunnel.Hub.RefusedTunnelsAsync("handshake_timeout", token));
        served.Dispose();
        await leaks.NothingIsLeftAsync(token);
    }

    [Fact]
    public async Task Strangers_2000ThatNeverAuthenticate_AreBoundedInMemoryAndNumber()
    {
        const int count = 2000;
        const int addresses = 100;
        var token = Timeouts.Token();
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        var leaks = await LeakCheck.StartAsync(tunnel, token);
        using var served = await TestClient.ConnectAsync(port.Port, token);
        await served.EchoAsync("before", token);
        var memory = tunnel.Hub.Process.ResidentBytes;

        var strangers = new TunnelStranger[count];
        var ends = new Task[count];
        try
        {
            for (var i = 0; i < count; i++)
            {
                strangers[i] = await TunnelStranger.ConnectAsync(tunnel.Hub.Setup.TunnelPort, token, new IPAddress([127, 0, 1, (byte)(1 + (i % addresses))]));
                ends[i] = strangers[i].ReceiveToEndAsync(token);
                if (i % 100 == 0)
                {
                    await served.EchoAsync($"with {i}", token);
                }
            }

            await Poll.UntilAsync("those over the bound are closed", () => ends.Count(static end => end.IsCompleted) >= count - MaxUnauthenticated, token);
            await PollRefusedAsync(tunnel, "busy", count - MaxUnauthenticated, token);
            await served.EchoAsync("with all", token);
            Assert.InRange(tunnel.Hub.Process.ResidentBytes - memory, long.MinValue, AllowedGrowth);
        }
        finally
        {
            foreach (var stranger in strangers)
            {
                stranger?.Dispose();
            }
        }

        // whoever leaves makes room at once
        await PollRefusedAsync(tunnel, "tls_failed", MaxUnauthenticated, token);
        using var other = await TunnelStranger.ConnectTlsAsync(tunnel.Hub.Setup.TunnelPort, token);
        Assert.InRange(tunnel.Hub.Process.ResidentBytes - memory, long.MinValue, AllowedGrowth);
        other.Dispose();
        served.Dispose();
        await leaks.NothingIsLeftAsync(token);
    }

    [Theory]
    [InlineData("TCP alone")]
    [InlineData("a TLS hello that does not end")]
    [InlineData("TLS and then silence")]
    [InlineData("slow lorises")]
    public async Task Strangers_2000OfEachKind_AreBoundedInMemoryAndEachIsCounted(string kind)
    {
        const int count = 2000;
        const int addresses = 100;
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        await using var target = new TargetServer(Handlers.EchoAsync);
        var port = TunnelFixture.Port(target.EndPoint);
        await using var tunnel = await TunnelFixture.StartAsync(token, port);
        await using var served = await SteadyTransfer.StartAsync(port.Port, token);
        using (await TunnelStranger.ConnectTlsAsync(tunnel.Hub.Setup.TunnelPort, token))
        {
            // what a hub needs for its first of these is not growth by many
        }

        await PollRefusedAsync(tunnel, null, 1, token);
        var memory = new MemoryWatch(("hub", tunnel.Hub.Process), ("edge", tunnel.Edge.Process));
        var visits = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            visits.Add(VisitAsync(kind, tunnel.Hub.Setup.TunnelPort, new IPAddress([127, 0, 1, (byte)(1 + (i % addresses))]), token));
            if (i % 100 == 0)
            {
                await served.GoesOnAsync($"with {i}", token);
            }
        }

        // each is closed by the hub: those over the bound at once, the others by their deadline
        await Task.WhenAll(visits);
        await served.GoesOnAsync("after all", token);
        await PollRefusedAsync(tunnel, null, 1 + count, token);
        Assert.InRange(await tunnel.Hub.RefusedTunnelsAsync("busy", token), 1, count - MaxUnauthenticated);
        Assert.InRange(await tunnel.Hub.RefusedTunnelsAsync("handshake_timeout", token), MaxUnauthenticated / 2, count);
        TestContext.Current.SendDiagnosticMessage($"{kind}: {memory.Report}");
        memory.AssertGrownByLessThan(AllowedStrangerGrowth);
        Assert.DoesNotContain("   at ", tunnel.Hub.Process.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneAddress_HasItsOwnBound_AndOthersGetIn()
    {
        const int count = 100;
        var token = Timeouts.Token();
        using var data = new TempDirectory();
        await using var hub = await HubFixture.StartAsync(new HubSetup { Data = data, Edges = [TunnelFixture.Spec()] }, token);
        var strangers = new List<TunnelStranger>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                strangers.Add(await TunnelStranger.ConnectAsync(hub.Setup.TunnelPort, token, IPAddress.Parse("127.0.1.1")));
            }

            await Poll.UntilAsync(
                "those over the bound are refused",
                async cancellation => await hub.RefusedTunnelsAsync("busy", cancellation) == count - MaxUnauthenticatedPerAddress,
                token);
            await using var edge = new EdgeFixture(hub.Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret);
            await Poll.UntilAsync("an edge of another address gets in", edge.IsConnectedAsync, token);
        }
        finally
        {
            strangers.ForEach(static stranger => stranger.Dispose());
        }
    }

    private static Task<TimeSpan> PollRefusedAsync(TunnelFixture tunnel, string? reason, long count, CancellationToken token) => Poll.UntilAsync(
        $"{count} refused as {reason}", async cancellation => await tunnel.Hub.RefusedTunnelsAsync(reason, cancellation) == count, token);

    /// <summary>One stranger of a kind, from its connect to its end by the hub.</summary>
    private static async Task VisitAsync(string kind, int port, IPAddress source, CancellationToken token)
    {
        try
        {
            var withinTls = kind is "TLS and then silence" or "slow lorises";
            using var stranger = withinTls
                ? await TunnelStranger.ConnectTlsAsync(port, token, source)
                : await TunnelStranger.ConnectAsync(port, token, source);
            var end = stranger.ReceiveToEndAsync(token);
            if (kind == "a TLS hello that does not end")
            {
                await TrySendAsync(stranger, [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00], token);
            }
            else if (kind == "slow lorises")
            {
                await TrySendAsync(stranger, Frame(0, FrameType.Hello, 200), token);
                while (await Task.WhenAny(end, Task.Delay(TimeSpan.FromSeconds(1), token)) != end)
                {
                    await TrySendAsync(stranger, new byte[1], token);
                }
            }

            await end;
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException or SocketException)
        {
            // closed during the TLS handshake
        }
    }

    private static async Task TrySendAsync(TunnelStranger stranger, byte[] bytes, CancellationToken token)
    {
        try
        {
            await stranger.SendAsync(bytes, token);
        }
        catch (IOException)
        {
            // the hub has had enough: its end shows at the receiving side
        }
    }

    private static Task<TunnelStranger> ConnectAsync(int port, bool withinTls, CancellationToken token) =>
        withinTls ? TunnelStranger.ConnectTlsAsync(port, token) : TunnelStranger.ConnectAsync(port, token);

    private static byte[] Frame(uint stream, FrameType type, uint length)
    {
        var header = new byte[FrameHeader.Size];
        new FrameHeader(stream, type, length).Write(header);
        return header;
    }
}
