using System.Text;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Faults;

/// <summary>An edge that authenticates and then breaks the protocol: its own tunnel ends, and another edge's transfer never notices.</summary>
public sealed class MisbehavedEdgeTests
{
    private const string FalseId = "edge-false";
    private const string FalseSecret = "false-secret-77c1d0";
    private const string ProtocolError = "protocol_error";
    private const string ConnectionLost = "connection_lost";
    private const long AllowedGrowth = 32L << 20;

    // of a flood: far less than what was sent; most of it is garbage that is not collected yet
    private const int Flooded = 256 << 20;
    private const long AllowedFloodGrowth = 64L << 20;

    // a product constant: a tunnel without any byte for 15 s is dead. The rest is for a loaded machine.
    private static readonly TimeSpan LivenessDeadline = TimeSpan.FromSeconds(15) + TimeSpan.FromSeconds(10);

    /// <summary>What it sends. The hub closes by itself and says REJECT; the second text stands in the hub's log line.</summary>
    private static IEnumerable<(string What, byte[] Says, string Logged)> Violations(int port) =>
    [
        ("DATA for a stream never opened", Frame(7, FrameType.Data, [1]), "never opened"),
        ("CLOSE for a stream never opened", Frame(7, FrameType.Close, []), "never opened"),
        ("credit for a stream never opened", Frame(7, FrameType.WindowUpdate, TunnelPeer.Window(1, 1)), "never opened"),
        ("an empty DATA", [.. Open(1, port), .. Frame(1, FrameType.Data, [])], "Data of 0 bytes"),
        ("an oversized DATA", [.. Open(1, port), .. Frame(1, FrameType.Data, [1], FrameLimits.MaxData + 1)], "Data of 65537 bytes"),
        ("an oversized OPEN", Frame(1, FrameType.Open, [], 129), "Open of 129 bytes"),
        ("the largest length there is", Frame(0, FrameType.ConfigAck, [], uint.MaxValue), "ConfigAck of 4294967295 bytes"),
        ("an oversized unknown type", Frame(0, (FrameType)0x7F, [], FrameLimits.MaxUnknown + 1), "of 65537 bytes"),
        ("a reserved type", Frame(1, FrameType.UdpClose, []), "UdpClose"),
        ("CONFIG", Frame(0, FrameType.Config, "{}"u8), "Config from the edge"),
        ("CHALLENGE", Frame(0, FrameType.Challenge, "{}"u8), "Challenge from the edge"),
        ("WELCOME", Frame(0, FrameType.Welcome, "{}"u8), "Welcome from the edge"),
        ("REJECT", Frame(0, FrameType.Reject, "{}"u8), "Reject from the edge"),
        ("DATA_BACK", [.. Open(1, port), .. Frame(1, FrameType.DataBack, [1])], "DataBack from the edge"),
        ("CLOSE_BACK", [.. Open(1, port), .. Frame(1, FrameType.CloseBack, [])], "CloseBack from the edge"),
        ("OPENED", [.. Open(1, port), .. Frame(1, FrameType.Opened, [])], "Opened from the edge"),
        ("WINDOW_UPDATE_BACK", [.. Open(1, port), .. Frame(1, FrameType.WindowUpdateBack, TunnelPeer.Window(0, 1))], "WindowUpdateBack from the edge"),
        ("HELLO again", Frame(0, FrameType.Hello, "{}"u8), "Hello after authentication"),
        ("AUTH again", Frame(0, FrameType.Auth, "{}"u8), "Auth after authentication"),
        ("OPEN on stream 0", Open(0, port), "Open on stream 0"),
        ("PING on a stream", Frame(1, FrameType.Ping, new byte[8]), "Ping on stream 1"),
        ("a short PING", Frame(0, FrameType.Ping, new byte[7]), "Ping of 7 bytes"),
        ("OPEN of an open stream", [.. Open(1, port), .. Open(1, port)], "which is open"),
        ("DATA after CLOSE", [.. Open(1, port), .. Frame(1, FrameType.Close, []), .. Frame(1, FrameType.Data, [1])], "after its end"),
        ("CLOSE twice", [.. Open(1, port), .. Frame(1, FrameType.Close, []), .. Frame(1, FrameType.Close, [])], "a second CLOSE"),
        ("a window larger than any", [.. Open(1, port), .. Frame(1, FrameType.WindowUpdate, TunnelPeer.Window(0, int.MaxValue))], "a window of 2147483647"),
        ("more consumed than was sent", [.. Open(1, port), .. Frame(1, FrameType.WindowUpdate, TunnelPeer.Window(1, 262_144))], "1 bytes consumed of 0"),
        ("CONFIG_ACK that is no JSON", Frame(0, FrameType.ConfigAck, "{not json at all"u8), "ConfigAck"),
        ("CONFIG_ACK without a generation", Frame(0, FrameType.ConfigAck, "{}"u8), "ConfigAck"),
        ("CONFIG_ACK that is nested", Frame(0, FrameType.ConfigAck, Encoding.ASCII.GetBytes("{\"x\":" + new string('[', 100_000))), "ConfigAck"),
        ("STATUS that is no text", Frame(0, FrameType.Status, [0xFF, 0xFE, 0x00]), "Status"),
        ("GOAWAY that is no JSON", Frame(0, FrameType.GoAway, "no"u8), "GOAWAY"),
    ];

    [Fact]
    public async Task Violation_EndsItsTunnelWithAReasonAndALine_AndNothingElse()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        await using var rig = await Rig.StartAsync(token);
        var memory = new MemoryWatch(("hub", rig.Hub.Process));

        foreach (var (what, says, logged) in Violations(rig.SilentPort))
        {
            var before = await rig.EndsAsync(ProtocolError, token);
            var lines = rig.Hub.Process.Lines.Count;
            using var peer = await rig.ConnectFalseEdgeAsync(token);
            await peer.SendAsync(says, token);

            var frames = await peer.ReceiveToEndAsync(token);

            Assert.True(frames is [.., FrameType.Reject], $"{what}: the hub said {string.Join(", ", frames)}");
            await Poll.UntilAsync($"{what} is counted", async cancellation => await rig.EndsAsync(ProtocolError, cancellation) == before + 1, token);
            await Poll.UntilAsync(
                $"{what} is logged\n{string.Join('\n', rig.Hub.Process.Lines.Skip(lines))}",
                () => rig.Hub.Process.Lines.Skip(lines).Any(line => line.Contains($"{FalseId} instance") && line.Contains(ProtocolError) && line.Contains(logged)),
                token);
            await rig.ServedGoesOnAsync($"beside {what}", token);
        }

        TestContext.Current.SendDiagnosticMessage(memory.Report);
        memory.AssertGrownByLessThan(AllowedGrowth);
        await rig.NothingIsLeftAsync(token);
    }

    [Fact]
    public async Task DataBeyondItsCredit_EndsItsTunnel_BeforeItFillsTheMemory()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        await using var rig = await Rig.StartAsync(token);
        var memory = new MemoryWatch(("hub", rig.Hub.Process));

        using var peer = await rig.ConnectFalseEdgeAsync(token);
        await peer.SendAsync(Open(1, rig.SilentPort), token);
        var end = peer.ReceiveToEndAsync(token);
        await peer.FloodAsync(Frame(1, FrameType.Data, new byte[FrameLimits.MaxData]), 4096, token);

        await end;
        await rig.EndedAsync(ProtocolError, 1, token);
        await rig.ServedGoesOnAsync("beside it", token);
        memory.AssertGrownByLessThan(AllowedGrowth);
        await rig.NothingIsLeftAsync(token);
    }

    [Theory]
    [InlineData("PING")]
    [InlineData("OPEN that cannot be read")]
    [InlineData("OPEN and RESET")]
    [InlineData("CONFIG_ACK")]
    [InlineData("STATUS")]
    [InlineData("frames of unknown types")]
    [InlineData("frames of streams that have ended")]
    public async Task Flood_OfWhatIsAllowed_IsBoundedAndHoldsUpNobody(string what)
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        await using var rig = await Rig.StartAsync(token);
        var memory = new MemoryWatch(("hub", rig.Hub.Process));
        var flood = Flood(what, rig.SilentPort);

        // what it makes the hub answer is never read
        using (var peer = await rig.ConnectFalseEdgeAsync(token))
        {
            await peer.SendAsync((byte[])[.. Open(1, rig.SilentPort), .. Frame(1, FrameType.Reset, TunnelPeer.U32(1))], token);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
            var flooding = peer.FloodAsync(flood, Flooded / flood.Length, stop.Token);
            for (var i = 0; i < 50; i++)
            {
                await rig.ServedGoesOnAsync($"beside {what}", token);
            }

            // a hub that waits for its answers to be read takes no more: then the flood stands still
            await Task.WhenAny(flooding, Task.Delay(TimeSpan.FromSeconds(3), token));
            await rig.ServedGoesOnAsync($"after {what}", token);
            TestContext.Current.SendDiagnosticMessage($"{what}: {(flooding.IsCompleted ? "sent" : "stands still")}, {memory.Report}");
            await stop.CancelAsync();
            await flooding;
        }

        memory.AssertGrownByLessThan(AllowedFloodGrowth);
        await rig.NothingIsLeftAsync(token);
    }

    [Fact]
    public async Task HalfAFrame_ThenTheEnd_IsALostConnection()
    {
        var token = Timeouts.Token();
        await using var rig = await Rig.StartAsync(token);

        using (var peer = await rig.ConnectFalseEdgeAsync(token))
        {
            await peer.SendAsync((byte[])[.. Open(1, rig.SilentPort), .. Frame(1, FrameType.Data, new byte[10], 20)], token);
        }

        await rig.EndedAsync(ConnectionLost, 2, token);
        await rig.NothingIsLeftAsync(token);
    }

    [Fact]
    public async Task HalfAFrame_ThenSilence_EndsByTheLivenessDeadline()
    {
        var token = Timeouts.Token();
        await using var rig = await Rig.StartAsync(token);
        var deadline = Timeouts.Within(LivenessDeadline);
        byte[][] halves = [Frame(0, FrameType.Ping, new byte[3], 8), Frame(0, FrameType.ConfigAck, new byte[100], 1 << 20), [0, 0, 0], []];
        var peers = new List<TunnelPeer>();
        foreach (var half in halves)
        {
            peers.Add(await rig.ConnectFalseEdgeAsync(token));
            await peers[^1].SendAsync(half, token);
        }

        await Task.WhenAll(peers.Select(peer => peer.ReceiveToEndAsync(deadline)));

        await rig.EndedAsync("peer_silent", halves.Length, token);
        await rig.ServedGoesOnAsync("after them", token);
        peers.ForEach(static peer => peer.Dispose());
        await rig.NothingIsLeftAsync(token);
    }

    private static byte[] Flood(string what, int port)
    {
        byte[] piece = what switch
        {
            "PING" => Frame(0, FrameType.Ping, new byte[8]),
            "OPEN that cannot be read" => Frame(2, FrameType.Open, "this is not a PROXY line\r\n"u8),
            "OPEN and RESET" => [.. Open(2, port), .. Frame(2, FrameType.Reset, TunnelPeer.U32(1))],
            "CONFIG_ACK" => Frame(0, FrameType.ConfigAck, Encoding.ASCII.GetBytes("{\"generation\":1,\"ports\":[" + string.Join(',', Enumerable.Range(1, 10_000).Select(static number => $"{{\"port\":{number},\"protocol\":\"tcp\",\"ok\":true}}")) + "]}")),
            "STATUS" => Frame(0, FrameType.Status, "{\"software\":\"x\",\"publicIp\":\"192.0.2.1\"}"u8),
            "frames of unknown types" => Frame(0, (FrameType)0x7F, new byte[FrameLimits.MaxUnknown]),
            _ => Frame(1, FrameType.Data, new byte[FrameLimits.MaxData]),
        };
        return [.. Enumerable.Repeat(piece, Math.Max(1, 65536 / piece.Length)).SelectMany(static bytes => bytes)];
    }

    private static byte[] Frame(uint stream, FrameType type, ReadOnlySpan<byte> payload, uint? length = null) => TunnelPeer.Frame(stream, type, payload, length);

    private static byte[] Open(uint stream, int port) =>
        Frame(stream, FrameType.Open, Encoding.ASCII.GetBytes($"PROXY TCP4 192.0.2.7 198.51.100.1 51234 {port}\r\n"));

    /// <summary>A hub with a real edge that carries a transfer, and the credentials of a second one.</summary>
    private sealed class Rig : IAsyncDisposable
    {
        private readonly TempDirectory _data = new();
        private readonly TargetServer _echo = new(Handlers.EchoAsync);
        private readonly TargetServer _silent = new(static (_, cancellation) => Task.Delay(Timeout.Infinite, cancellation));
        private EdgeFixture? _edge;
        private SteadyTransfer? _served;

        internal HubFixture Hub { get; private set; } = null!;

        /// <summary>A public port of the false edge behind which nobody ever reads.</summary>
        internal int SilentPort { get; private set; }

        internal static async Task<Rig> StartAsync(CancellationToken token)
        {
            var rig = new Rig();
            var port = TunnelFixture.Port(rig._echo.EndPoint);
            var silent = TunnelFixture.Port(rig._silent.EndPoint);
            rig.SilentPort = silent.Port;
            var edges = new[] { TunnelFixture.Spec(port), new EdgeSpec(FalseId, FalseSecret) { Ports = [silent] } };
            rig.Hub = await HubFixture.StartAsync(new HubSetup { Data = rig._data, Edges = edges }, token);
            rig._edge = new EdgeFixture(rig.Hub.Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret);
            await rig._edge.WaitForPortsAsync([port.Port], token);
            rig._served = await SteadyTransfer.StartAsync(port.Port, token);

            // once without a fault: what a hub needs for its first is not growth by a bad one
            (await rig.ConnectFalseEdgeAsync(token)).Dispose();
            await rig.EndedAsync(ConnectionLost, 1, token);
            return rig;
        }

        internal async Task ServedGoesOnAsync(string when, CancellationToken token)
        {
            try
            {
                await _served!.GoesOnAsync(when, token);
            }
            catch (InvalidOperationException exception)
            {
                throw new InvalidOperationException($"{exception.Message}\n{Hub.Process.Text}\n{_edge!.Process.Text}", exception);
            }
        }

        internal Task<TunnelPeer> ConnectFalseEdgeAsync(CancellationToken token) =>
            FalseEdge.ConnectAsync(Hub.Setup.TunnelPort, FalseId, FalseSecret, token);

        internal Task<long> EndsAsync(string reason, CancellationToken token) => Hub.ReadMetricAsync("remoteingress_hub_tunnel_ends_total", reason, token);

        internal Task<TimeSpan> EndedAsync(string reason, int count, CancellationToken token) =>
            Poll.UntilAsync($"{count} counted as {reason}\n{Hub.Process.Text}", async cancellation => await EndsAsync(reason, cancellation) == count, token);

        /// <summary>The false edge is gone from the status, its targets were let go, and the hub printed no stack trace.</summary>
        internal async Task NothingIsLeftAsync(CancellationToken token)
        {
            await ServedGoesOnAsync("to the end", token);
            await Poll.UntilAsync("only the real edge is connected", async cancellation => (await Hub.ConnectedEdgesAsync(cancellation)).All(static id => id != FalseId), token);
            await Poll.UntilAsync(
                "the transfer is the only connection", async cancellation => await Hub.ReadMetricAsync("remoteingress_hub_active_connections", null, cancellation) == 1, token);
            Assert.False(Hub.Process.HasExited);
            Assert.DoesNotContain("   at ", Hub.Process.Text, StringComparison.Ordinal);
        }

        public async ValueTask DisposeAsync()
        {
            if (_served is not null)
            {
                await _served.DisposeAsync();
            }

            if (_edge is not null)
            {
                await _edge.DisposeAsync();
            }

            await Hub.DisposeAsync();
            await _echo.DisposeAsync();
            await _silent.DisposeAsync();
            _data.Dispose();
        }
    }
}
