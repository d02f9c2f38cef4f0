using System.Globalization;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;
using RemoteIngress.Testing.Processes;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Faults;

/// <summary>The machine's clock jumps by hours under a hub and an edge that serve.</summary>
public sealed class ClockTests
{
    // how long the processor time of a process is compared for
    private static readonly TimeSpan Sample = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task WallClockThatJumps_DisturbsNoTunnelAndNoUpdate()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(240));
        using var data = new TempDirectory();
        await using var rig = await Rig.StartAsync(data, fakesMonotonic: false, token);
        await using var served = await SteadyTransfer.StartAsync(rig.Port, token);
        var generation = await rig.Hub.GenerationAsync(TunnelFixture.EdgeId, token);

        foreach (var jump in new[] { "+5h", "-7h", "+400d" })
        {
            rig.Jump(jump);
            await served.GoesOnAsync($"after {jump}", token);
            using (var client = await TestClient.ConnectAsync(rig.Port, token))
            {
                await client.EchoAsync(jump, token);
            }

            // a change still counts as newer, whatever the clock says, and reaches the edge
            var port = TunnelFixture.Port(rig.Target);
            await rig.Hub.PutEdgesAsync(token, TunnelFixture.Spec(rig.First, port));
            await Poll.UntilAsync($"the edge opened {port.Port} after {jump}", cancellation => Ports.AcceptsAsync(port.Port, cancellation), token);
            var later = await rig.Hub.GenerationAsync(TunnelFixture.EdgeId, token);
            Assert.True(later > generation, $"{jump}: {later} after {generation}");
            generation = later;

            // and whoever is new gets in
            await using var edge = new EdgeFixture(rig.Hub.Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret, "--bind-address", "127.0.0.9");
            await Poll.UntilAsync($"an edge gets in after {jump}", edge.IsConnectedAsync, token);
        }

        Assert.Equal(0, await rig.Hub.ReadEndsAsync("peer_silent", token));
        Assert.Equal(0, (await rig.Edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_tunnel_ends_total"));
        rig.AssertNoStackTrace();
    }

    [Fact]
    public async Task WallClockThatJumps_MakesNoTimerRunWild()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        using var data = new TempDirectory();
        await using var rig = await Rig.StartAsync(data, fakesMonotonic: false, token);
        var before = await rig.ProcessorTimeAsync(token);

        foreach (var jump in new[] { "+5h", "-7h" })
        {
            rig.Jump(jump);
            var after = await rig.ProcessorTimeAsync(token);

            // idle processes: a timer that fires again and again would take all there is
            Assert.True(after < (before * 2) + (Sample / 3), $"{jump}: {after} in {Sample}, {before} before it");
        }
    }

    [Fact]
    public async Task MonotonicClockThatJumpsAhead_IsRecoveredFrom()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        using var data = new TempDirectory();
        await using var rig = await Rig.StartAsync(data, fakesMonotonic: true, token);

        // as a machine that slept: every deadline has passed at once
        rig.Jump("+5h");

        await Poll.UntilAsync("a new connection is served", rig.IsServedAsync, token);
        await Poll.UntilAsync("the edge is connected", rig.Edge.IsConnectedAsync, token);
        rig.AssertNoStackTrace();
    }

    private sealed class Rig(HubFixture hub, EdgeFixture edge, TargetServer target, PortSpec port, string clock) : IAsyncDisposable
    {
        internal HubFixture Hub => hub;

        internal EdgeFixture Edge => edge;

        internal PortSpec First => port;

        internal int Port => port.Port;

        internal System.Net.IPEndPoint Target => target.EndPoint;

        internal static async Task<Rig> StartAsync(TempDirectory data, bool fakesMonotonic, CancellationToken token)
        {
            var clock = data.Write("clock", "+0\n");
            var environment = new Dictionary<string, string>
            {
                ["LD_PRELOAD"] = Library(),
                ["FAKETIME_TIMESTAMP_FILE"] = clock,
                ["FAKETIME_NO_CACHE"] = "1",
            };
            if (!fakesMonotonic)
            {
                environment["DONT_FAKE_MONOTONIC"] = "1";
            }

            var target = new TargetServer(Handlers.EchoAsync);
            var port = TunnelFixture.Port(target.EndPoint);
            var setup = new HubSetup { Data = data, Edges = [TunnelFixture.Spec(port)], Environment = environment };
            var hub = await HubFixture.StartAsync(setup, token);
            var edge = new EdgeFixture(hub.Setup.TunnelPort, TunnelFixture.EdgeId, TunnelFixture.Secret, environment, []);
            await edge.WaitForPortsAsync([port.Port], token);
            return new Rig(hub, edge, target, port, clock);
        }

        /// <summary>Sets both clocks to so much off the real one.</summary>
        internal void Jump(string offset) => File.WriteAllText(clock, offset + "\n");

        /// <summary>What both processes take together.</summary>
        internal async Task<TimeSpan> ProcessorTimeAsync(CancellationToken token)
        {
            var start = Used();
            await Task.Delay(Sample, token);
            return Used() - start;
        }

        internal async Task<bool> IsServedAsync(CancellationToken token)
        {
            try
            {
                using var client = await TestClient.ConnectAsync(Port, token);
                await client.EchoAsync("served", token);
                return true;
            }
            catch (Exception exception) when (exception is System.Net.Sockets.SocketException or EndOfStreamException)
            {
                return false;
            }
        }

        internal void AssertNoStackTrace()
        {
            Assert.DoesNotContain("   at ", hub.Process.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", edge.Process.Text, StringComparison.Ordinal);
        }

        public async ValueTask DisposeAsync()
        {
            await edge.DisposeAsync();
            await hub.DisposeAsync();
            await target.DisposeAsync();
        }

        private static string Library()
        {
            var found = Directory.Exists("/usr/lib")
                ? Directory.EnumerateFiles("/usr/lib", "libfaketime.so.1", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, IgnoreInaccessible = true }).FirstOrDefault()
                : null;
            Assert.SkipWhen(found is null, "libfaketime is not installed (tests/run.sh installs it when it runs as root)");
            return found!;
        }

        private TimeSpan Used() => Used(hub.Process) + Used(edge.Process);

        // fields 14 and 15 of stat, in hundredths of a second; the second field may hold blanks
        private static TimeSpan Used(ExternalProcess process)
        {
            var text = File.ReadAllText($"/proc/{process.Id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromMilliseconds(10 * fields[11..13].Sum(static field => long.Parse(field, CultureInfo.InvariantCulture)));
        }
    }
}
