using System.Text;
using System.Text.Json;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Faults;

/// <summary>A hub that authenticates and then breaks the protocol: the edge gives up that tunnel, and what goes through the other hub never notices.</summary>
public sealed class MisbehavedHubTests
{
    private const string ProtocolError = "protocol_error";
    private const long AllowedGrowth = 32L << 20;

    // of a flood: far less than what was sent; most of it is garbage that is not collected yet
    private const int Flooded = 256 << 20;
    private const long AllowedFloodGrowth = 64L << 20;

    // a product constant: a tunnel without any byte for 15 s is dead. The rest is for a loaded machine.
    private static readonly TimeSpan LivenessDeadline = TimeSpan.FromSeconds(15) + TimeSpan.FromSeconds(10);

    /// <summary>What it says without a stream; the second text stands in the edge's log line.</summary>
    private static IEnumerable<(string What, byte[] Says, string Logged)> Violations =>
    [
        ("DATA_BACK for a stream never opened", Frame(1_000_000, FrameType.DataBack, [1]), "never opened"),
        ("OPENED for a stream never opened", Frame(1_000_000, FrameType.Opened, []), "never opened"),
        ("an oversized DATA_BACK", Frame(1, FrameType.DataBack, [], FrameLimits.MaxData + 1), "DataBack of 65537 bytes"),
        ("an oversized CONFIG", Frame(0, FrameType.Config, [], (4 << 20) + 1), "Config of 4194305 bytes"),
        ("CONFIG that is no JSON", Frame(0, FrameType.Config, "{not json at all"u8), "CONFIG"),
        ("CONFIG without a generation", Frame(0, FrameType.Config, "{}"u8), "CONFIG"),
        ("CONFIG that is nested", Frame(0, FrameType.Config, Encoding.ASCII.GetBytes("{\"x\":" + new string('[', 1_000_000))), "CONFIG"),
        ("GOAWAY that is no JSON", Frame(0, FrameType.GoAway, "no"u8), "GOAWAY"),
        ("REJECT that is no JSON", Frame(0, FrameType.Reject, "no"u8), "REJECT"),
        ("DATA", Frame(1, FrameType.Data, [1]), "Data from the hub"),
        ("OPEN", Frame(2, FrameType.Open, "PROXY UNKNOWN\r\n"u8), "Open from the hub"),
        ("HELLO", Frame(0, FrameType.Hello, "{}"u8), "Hello from the hub"),
        ("CONFIG_ACK", Frame(0, FrameType.ConfigAck, "{}"u8), "ConfigAck from the hub"),
        ("WELCOME again", Frame(0, FrameType.Welcome, "{}"u8), "Welcome after authentication"),
        ("CHALLENGE again", Frame(0, FrameType.Challenge, "{}"u8), "Challenge after authentication"),
        ("a short PONG", Frame(0, FrameType.Pong, new byte[7]), "Pong of 7 bytes"),
    ];

    /// <summary>What it says of a stream that the edge opened; the first is for that stream's id.</summary>
    private static IEnumerable<(string What, Func<uint, byte[]> Says, string Logged)> StreamViolations =>
    [
        ("DATA_BACK after CLOSE_BACK", static id => [.. Opened(id), .. Frame(id, FrameType.CloseBack, []), .. Frame(id, FrameType.DataBack, [1])], "after its end"),
        ("CLOSE_BACK twice", static id => [.. Opened(id), .. Frame(id, FrameType.CloseBack, []), .. Frame(id, FrameType.CloseBack, [])], "a second CLOSE"),
        ("a window larger than any", static id => [.. Opened(id), .. Frame(id, FrameType.WindowUpdateBack, TunnelPeer.Window(0, int.MaxValue))], "a window of 2147483647"),
        ("more consumed than was sent", static id => [.. Opened(id), .. Frame(id, FrameType.WindowUpdateBack, TunnelPeer.Window(int.MaxValue, 262_144))], "2147483647 bytes consumed"),
        ("DATA_BACK before OPENED", static id => Frame(id, FrameType.DataBack, [1]), "before OPENED"),
        ("DATA_BACK beyond its credit", static id => [.. Opened(id), .. Enumerable.Repeat(Frame(id, FrameType.DataBack, new byte[FrameLimits.MaxData]), 512).SelectMany(static frame => frame)], "which may send"),
    ];

    [Fact]
    public async Task Violation_EndsItsTunnelWithAReasonAndALine_AndNothingElse()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(150));
        await using var rig = await Rig.StartAsync(token);
        (await rig.AcceptAsync(token)).Dispose();
        var memory = new MemoryWatch(("edge", rig.Edge.Process));

        foreach (var (what, says, logged) in Violations)
        {
            using var peer = await rig.AcceptAsync(token);
            await rig.EndsAsync(what, logged, () => peer.SendAsync(says, token), peer, token);
        }

        foreach (var (what, says, logged) in StreamViolations)
        {
            using var peer = await rig.AcceptAsync(token);
            var (client, id) = await rig.OpenStreamAsync(peer, token);
            using (client)
            {
                await rig.EndsAsync(what, logged, () => peer.FloodAsync(says(id), 1, token), peer, token);
            }
        }

        TestContext.Current.SendDiagnosticMessage(memory.Report);
        memory.AssertGrownByLessThan(AllowedGrowth);
        await rig.NothingIsLeftAsync(token);
    }

    [Theory]
    [InlineData("PING")]
    [InlineData("CONFIG")]
    [InlineData("frames of unknown types")]
    public async Task Flood_OfWhatIsAllowed_IsBoundedAndHoldsUpNobody(string what)
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        await using var rig = await Rig.StartAsync(token);
        (await rig.AcceptAsync(token)).Dispose();
        byte[] piece = what switch
        {
            "PING" => Frame(0, FrameType.Ping, new byte[8]),

            // older than what the real hub sent: it changes nothing
            "CONFIG" => Frame(0, FrameType.Config, Encoding.ASCII.GetBytes($"{{\"generation\":0,\"listenPorts\":[{string.Join(',', Enumerable.Range(1, 60_000))}]}}")),
            _ => Frame(0, (FrameType)0x7F, new byte[FrameLimits.MaxUnknown]),
        };
        byte[] flood = [.. Enumerable.Repeat(piece, Math.Max(1, 65536 / piece.Length)).SelectMany(static bytes => bytes)];

        // what it makes the edge answer is never read
        using (var peer = await rig.AcceptAsync(token))
        {
            var memory = new MemoryWatch(("edge", rig.Edge.Process));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
            var flooding = peer.FloodAsync(flood, Flooded / flood.Length, stop.Token);
            for (var i = 0; i < 50; i++)
            {
                await rig.ServedGoesOnAsync($"beside {what}", token);
            }

            // an edge that waits for its answers to be read takes no more: then the flood stands still
            await Task.WhenAny(flooding, Task.Delay(TimeSpan.FromSeconds(3), token));
            await rig.ServedGoesOnAsync($"after {what}", token);
            TestContext.Current.SendDiagnosticMessage($"{what}: {(flooding.IsCompleted ? "sent" : "stands still")}, {memory.Report}");
            await stop.CancelAsync();
            await flooding;
            memory.AssertGrownByLessThan(AllowedFloodGrowth);
        }

        await rig.NothingIsLeftAsync(token);
    }

    [Fact]
    public async Task HalfAFrame_ThenSilence_EndsByTheLivenessDeadline()
    {
        var token = Timeouts.Token();
        await using var rig = await Rig.StartAsync(token);
        using var peer = await rig.AcceptAsync(token);
        var before = await rig.EndedAsync("peer_silent", token);

        await peer.SendAsync(Frame(0, FrameType.Config, new byte[100], 1 << 20), token);
        await peer.ReceiveToEndAsync(Timeouts.Within(LivenessDeadline));

        await Poll.UntilAsync("it is counted", async cancellation => await rig.EndedAsync("peer_silent", cancellation) == before + 1, token);
        await rig.NothingIsLeftAsync(token);
    }

    private static byte[] Frame(uint stream, FrameType type, ReadOnlySpan<byte> payload, uint? length = null) => TunnelPeer.Frame(stream, type, payload, length);

    private static byte[] Opened(uint stream) => Frame(stream, FrameType.Opened, []);

    /// <summary>An edge with one loop and two hubs: a real one that carries a transfer, and a false one.</summary>
    private sealed class Rig : IAsyncDisposable
    {
        private readonly TempDirectory _data = new();
        private readonly TargetServer _echo = new(Handlers.EchoAsync);
        private readonly FalseHub _falseHub = new(TunnelFixture.Secret);
        private HubFixture? _hub;
        private SteadyTransfer? _served;
        private int _port;

        internal EdgeFixture Edge { get; private set; } = null!;

        internal static async Task<Rig> StartAsync(CancellationToken token)
        {
            var rig = new Rig();
            var port = TunnelFixture.Port(rig._echo.EndPoint);
            rig._port = port.Port;
            rig._hub = await HubFixture.StartAsync(new HubSetup { Data = rig._data, Edges = [TunnelFixture.Spec(port)] }, token);
            rig.Edge = new EdgeFixture(
                rig._hub.Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret,
                "--hub", $"127.0.0.1:{rig._falseHub.Port}", "--performance", rig._data.Write("performance.json", """{"loops":1}"""));
            await rig.Edge.WaitForPortsAsync([port.Port], token);

            // before the false hub takes tunnels: this one goes through the real hub
            rig._served = await SteadyTransfer.StartAsync(port.Port, token);
            rig._falseHub.Listen();
            return rig;
        }

        internal Task<TunnelPeer> AcceptAsync(CancellationToken token) => _falseHub.AcceptAsync(token);

        /// <summary>A client whose connection the edge gave to the false hub, and the stream's id there.</summary>
        internal async Task<(TestClient Client, uint Id)> OpenStreamAsync(TunnelPeer peer, CancellationToken token)
        {
            var opening = peer.ReceiveAsync(FrameType.Open, token);
            while (true)
            {
                var client = await TestClient.ConnectAsync(_port, token);

                // the real hub's OPENED and the false hub's OPEN: one of them comes
                var echo = client.EchoAsync("x", token);
                await Task.WhenAny(opening, echo);
                if (opening.IsCompleted)
                {
                    _ = echo.ContinueWith(static failed => failed.Exception, TaskScheduler.Default);
                    return (client, (await opening).Header.StreamId);
                }

                client.Dispose();
            }
        }

        /// <summary>How tunnels to the false hub ended.</summary>
        internal async Task<long> EndedAsync(string reason, CancellationToken token)
        {
            var status = await Edge.TryGetStatusAsync(token);
            return status!.Value.GetProperty("tunnels").EnumerateArray()
                .Where(tunnel => tunnel.GetProperty("hub").GetString() == $"127.0.0.1:{_falseHub.Port}")
                .Sum(tunnel => tunnel.GetProperty("ended").TryGetProperty(reason, out var count) ? count.GetInt64() : 0);
        }

        internal async Task EndsAsync(string what, string logged, Func<Task> violate, TunnelPeer peer, CancellationToken token)
        {
            var before = await EndedAsync(ProtocolError, token);
            var lines = Edge.Process.Lines.Count;
            await violate();
            await peer.ReceiveToEndAsync(token);
            await Poll.UntilAsync($"{what} is counted", async cancellation => await EndedAsync(ProtocolError, cancellation) == before + 1, token);
            await Poll.UntilAsync(
                $"{what} is logged\n{string.Join('\n', Edge.Process.Lines.Skip(lines))}",
                () => Edge.Process.Lines.Skip(lines).Any(line => line.Contains($"127.0.0.1:{_falseHub.Port} is down") && line.Contains(logged)),
                token);
            await ServedGoesOnAsync($"beside {what}", token);
        }

        internal Task ServedGoesOnAsync(string when, CancellationToken token) => _served!.GoesOnAsync(when, token);

        internal async Task NothingIsLeftAsync(CancellationToken token)
        {
            await ServedGoesOnAsync("to the end", token);
            await Poll.UntilAsync("the transfer is the only connection", async cancellation => Streams(await Edge.TryGetStatusAsync(cancellation)) == 1, token);
            Assert.DoesNotContain("   at ", Edge.Process.Text, StringComparison.Ordinal);
        }

        public async ValueTask DisposeAsync()
        {
            if (_served is not null)
            {
                await _served.DisposeAsync();
            }

            // first: what the edge has dialled here and nobody accepts is not left by the edge
            _falseHub.Dispose();
            await Edge.DisposeAsync();
            await (_hub?.DisposeAsync() ?? default);
            await _echo.DisposeAsync();
            _data.Dispose();
        }

        private static long Streams(JsonElement? status) => status!.Value.GetProperty("activeStreams").GetInt64();
    }
}
