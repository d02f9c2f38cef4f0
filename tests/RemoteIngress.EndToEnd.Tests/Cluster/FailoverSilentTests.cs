using RemoteIngress.Testing;
using RemoteIngress.Testing.Cluster;
using RemoteIngress.Testing.Load;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>One of three hubs says nothing any more, and nobody says so: it hangs, or its network drops every packet.</summary>
[Collection<FailoverCluster>]
public sealed class FailoverSilentTests(FailoverRig rig)
{
    private const string Victim = "hub3";
    private static readonly LoadKind[] Movable = [LoadKind.Confirmed, LoadKind.Tls];

    // One move takes 1 s and a little; a client that waits for the silent hub waits for the liveness deadline, 15 s. What it takes is in the report.
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(4);

    // Each loop of each edge learns of the silence from the first OPENED that is overdue, and gives that hub nobody more. When that is depends on
    // who it gives a client to; but those who pay for it are few. Without it each hub gets a third of all for as long as its tunnels are there.
    private static readonly TimeSpan Known = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Slowed = TimeSpan.FromSeconds(0.9);
    private const double MostSlowedLater = 0.15;

    [Fact]
    public async Task Hub_Frozen_NewConnectionsAreSlowedByOneMove_NoneFails_NoRequestComesTwice()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(90));
        await using var load = rig.StartLoad();
        await load.GoOnAsync(TimeSpan.FromSeconds(1), token);
        var silent = load.Now;
        rig.Cluster.Freeze(Victim);
        await load.GoOnAsync(TimeSpan.FromSeconds(6), token);
        rig.Cluster.Thaw(Victim);
        var heard = load.Now;
        await load.GoOnAsync(TimeSpan.FromSeconds(2), token);

        Check("frozen", await load.StopAsync(), silent, heard);
        await RestoreAsync(token);
    }

    [Fact]
    public async Task Hub_CutOffWithoutAWord_UntilItsTunnelsAreGivenUp_TheSame()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(120));
        await using var load = rig.StartLoad();
        await load.GoOnAsync(TimeSpan.FromSeconds(1), token);
        await rig.Cluster.CutAsync(Victim, token);
        var silent = load.Now;
        await Poll.UntilAsync("the edges gave their tunnels up", async cancellation => !await HasAnyAsync(cancellation), token);
        await load.GoOnAsync(TimeSpan.FromSeconds(2), token);
        await rig.Cluster.HealAsync(Victim, token);
        var heard = load.Now;
        await load.GoOnAsync(TimeSpan.FromSeconds(1), token);

        Check("cut off", await load.StopAsync(), silent, heard);
        await RestoreAsync(token);
    }

    private void Check(string what, LoadReport report, TimeSpan silent, TimeSpan heard)
    {
        var during = report.Longest(Movable, silent, heard);
        var later = report.Of(Movable).Where(result => result.Started >= silent + Known && result.Started < heard).ToArray();
        var slowedLater = later.Count(static result => result.Elapsed > Slowed) / (double)later.Length;
        FailoverReport.Tell(
            $"{what} for {(heard - silent).TotalSeconds:0.0} s: {report.Describe()}; slowest begun meanwhile {during.TotalMilliseconds:0} ms, {Known.TotalSeconds:0} s later {slowedLater:P1} are slowed");
        Assert.True(during > Slowed, "nobody was given to the silent hub: this test has shown nothing");

        // those that lived on the hub when it fell silent are its own; a new one never fails
        Assert.All(report.Failures.Where(static failure => failure.Kind != LoadKind.Eager), failure =>
            Assert.True(failure.Started < silent && rig.Target.HubsOf(failure.Client).Contains(NetnsCluster.Address(Victim)), $"{failure}, silent from {silent}"));
        Assert.InRange(report.Failures.Count(failure => failure.Started >= silent) / (double)later.Length, 0, MostSlowedLater);
        rig.AssertNothingTwice(report);
        Assert.InRange(during, TimeSpan.Zero, Slowest);
        Assert.InRange(slowedLater, 0, MostSlowedLater);
    }

    private async Task<bool> HasAnyAsync(CancellationToken cancellation)
    {
        foreach (var edge in NetnsCluster.Edges)
        {
            var status = (await rig.Cluster.EdgeStatusAsync(edge, cancellation))!.Value;
            if (status.GetProperty("tunnels").EnumerateArray().Any(tunnel =>
                tunnel.GetProperty("hub").GetString() == $"{NetnsCluster.Address(Victim)}:8443" && tunnel.GetProperty("connections").GetInt32() > 0))
            {
                return true;
            }
        }

        return false;
    }

    // The others have declared it dead meanwhile. A process of its own again, so that the next test has three hubs whatever that is about.
    private async Task RestoreAsync(CancellationToken token)
    {
        await rig.Cluster.KillAsync(Victim, token);
        await rig.Cluster.StartAsync(Victim, token);
        await rig.Cluster.WholeAsync(token);
    }
}
