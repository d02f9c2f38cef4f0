using System.Diagnostics;
using System.Globalization;
using System.Net;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Cluster;
using RemoteIngress.Testing.Load;
using RemoteIngress.Testing.Targets;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>The control plane in trouble while the data plane works: no time on the processors, and no Redis.</summary>
[Collection<FailoverCluster>]
public sealed class FailoverStrainTests(FailoverRig rig)
{
    /// <summary>Required are 60 s, and infra/scripts/failover.sh takes them. A silo that hangs is out after 4 s: this is enough of them to see it.</summary>
    private static readonly TimeSpan Saturation = Seconds("REMOTEINGRESS_FAILOVER_SATURATION", 15);

    /// <summary>Required are 60 s. Within 12 s every period of the membership (10 s at most) has met the outage.</summary>
    private static readonly TimeSpan Outage = Seconds("REMOTEINGRESS_FAILOVER_OUTAGE", 12);

    // A connection to Redis whose delay grows is away for half a minute. What it takes is in the report.
    private static readonly TimeSpan WorksAgainWithin = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task BothCoresFullOfTunnelTraffic_NoSiloIsDeclaredDead()
    {
        var token = Timeouts.Within(Saturation + TimeSpan.FromSeconds(60));
        var before = await rig.Cluster.MembersAsync(token);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
        var pulls = Enumerable.Range(0, 6).Select(i => PullAsync(rig.SourcePorts[i % rig.SourcePorts.Count], over.Token)).ToArray();
        var idle = IdleTicks();
        var clock = Stopwatch.StartNew();
        await Task.Delay(Saturation, token);
        var idlePart = (IdleTicks() - idle) / 100.0 / clock.Elapsed.TotalSeconds / Environment.ProcessorCount;
        await over.CancelAsync();
        var bytes = (await Task.WhenAll(pulls)).Sum();

        FailoverReport.Tell(
            $"saturated for {clock.Elapsed.TotalSeconds:0} s: {bytes * 8 / clock.Elapsed.TotalSeconds / 1e9:0.00} Gbit/s, processors idle {idlePart:P0}");
        Assert.InRange(idlePart, 0, 0.25);
        Assert.Equal(before, await rig.Cluster.MembersAsync(token));
        Assert.All(NetnsCluster.Hubs, hub => Assert.DoesNotContain("declared dead", LogSinceStart(hub), StringComparison.Ordinal));
        await rig.Cluster.WholeAsync(token);
    }

    [Fact]
    public async Task RedisKilled_TrafficNewConnectionsAndReconnectsGoOn_AndUpdatesWorkAfterItsReturn()
    {
        var token = Timeouts.Within(Outage + TimeSpan.FromSeconds(90));
        var cluster = rig.Cluster;
        using var standing = await StandingClients.ConnectAsync(cluster.Clients, rig.StandingPorts, 12, token);
        await using var load = rig.StartLoad();
        await load.GoOnAsync(TimeSpan.FromSeconds(1), token);

        await cluster.KillAsync("redis", token);
        var killed = load.Now;

        // an instance of a served edge that none of the hubs has seen: a reconnect, as hubs see it
        await using var machine = await cluster.AddMachineAsync("again", "10.78.0.51/24", token);
        await using var again = machine.StartEdge(cluster, "edge1");
        await again.WaitForPortsAsync([.. rig.Ports.Select(static port => port.Port)], token);
        await Poll.UntilAsync("it has a tunnel to each hub", async cancellation => await again.ReadyTunnelsAsync(cancellation) == NetnsCluster.Hubs.Count, token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.PutEdgesAsync("hub2", [.. rig.Ports.Skip(1)], token));
        await load.GoOnUntilAsync(killed + Outage, token);
        Assert.Empty(await standing.EndedAsync(token));

        await cluster.StartAsync("redis", token);
        var back = Stopwatch.StartNew();
        await Poll.UntilAsync("updates work again", async cancellation => await IsTakenAsync(cancellation), token);
        var works = back.Elapsed;
        await load.GoOnAsync(TimeSpan.FromSeconds(1), token);
        var report = await load.StopAsync();

        FailoverReport.Tell($"Redis away for {Outage.TotalSeconds:0} s: {report.Describe()}; updates work {works.TotalMilliseconds:0} ms after its return");
        Assert.True(report.Failures.Count == 0, report.Describe());
        rig.AssertNothingTwice(report);
        Assert.Empty(await standing.EndedAsync(token));
        Assert.InRange(works, TimeSpan.Zero, WorksAgainWithin);
        await cluster.WholeAsync(token);
    }

    private async Task<bool> IsTakenAsync(CancellationToken token)
    {
        try
        {
            await rig.Cluster.PutEdgesAsync("hub2", rig.Ports, token);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private async Task<long> PullAsync(IPEndPoint port, CancellationToken over)
    {
        var bytes = 0L;
        try
        {
            using var client = await TestClient.ConnectAsync(port.Address, port.Port, over, network: rig.Cluster.Clients);
            await client.SendAsync($"{long.MaxValue}\n", over);
            var buffer = new byte[256 * 1024];
            while (await client.ReceiveAsync(buffer, over) is > 0 and var read)
            {
                bytes += read;
            }

            throw new EndOfStreamException($"a bulk transfer ended after {bytes} bytes");
        }
        catch (OperationCanceledException)
        {
            return bytes;
        }
    }

    // An earlier test may have made a hub silent on purpose: only what the present process wrote counts.
    private string LogSinceStart(string hub)
    {
        var log = rig.Cluster.Log(hub);
        return log[log.LastIndexOf(" is ready: ", StringComparison.Ordinal)..];
    }

    private static long IdleTicks() =>
        long.Parse(File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[4], CultureInfo.InvariantCulture);

    private static TimeSpan Seconds(string variable, int otherwise) => TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise);
}
