using RemoteIngress.Testing;
using RemoteIngress.Testing.Cluster;
using RemoteIngress.Testing.Load;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>One of three hubs is killed (kill -9) while 200 clients a second come.</summary>
[Collection<FailoverCluster>]
public sealed class FailoverKilledTests(FailoverRig rig)
{
    private const string Victim = "hub2";

    // A delay that grows as usual is up to 30 s by then. What it takes is in the report.
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(10);

    // Until both edges have heard of the end: a few milliseconds, on two busy cores a few more. Nothing that lasts as long as a time limit of
    // the product (1 s, 15 s) would pass.
    private static readonly TimeSpan Notice = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Hub_Killed_NoNewConnectionFails_OnlyItsStreamsEnd_AndTheEdgesAreBackWithin2SecondsOfItsReturn()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(90));
        var cluster = rig.Cluster;
        var address = NetnsCluster.Address(Victim);
        using var standing = await StandingClients.ConnectAsync(cluster.Clients, rig.StandingPorts, 60, token);
        await using var load = rig.StartLoad();
        await load.GoOnAsync(TimeSpan.FromSeconds(2), token);

        var before = load.Now;
        await cluster.KillAsync(Victim, token);
        var killed = load.Now;
        await load.GoOnAsync(TimeSpan.FromSeconds(3), token);
        await cluster.StartAsync(Victim, token);
        var back = await cluster.UntilBackAsync(Victim, token);
        await load.GoOnAsync(TimeSpan.FromSeconds(1), token);
        var report = await load.StopAsync();

        FailoverReport.Tell($"killed: {report.Describe()}; back after {back.TotalMilliseconds:0} ms; {standing.CountOn($"{address}")} of 60 standing clients were there");
        var failures = report.Failures;
        Assert.All(failures.Where(static failure => failure.Kind != LoadKind.Eager), failure =>
        {
            // one that lived there: its target had accepted it by that hub, and by no other
            Assert.True(failure.Started < killed && rig.Target.HubsOf(failure.Client).Contains(address), $"{failure}, killed between {before} and {killed}");
        });
        Assert.All(failures, failure => Assert.True(failure.Started < killed + Notice, $"{failure}, killed at {killed}"));
        rig.AssertNothingTwice(report);
        Assert.True(standing.CountOn($"{address}") > 0);
        var ended = await standing.EndedAsync(token);
        Assert.Equal(standing.CountOn($"{address}"), ended.Count);
        Assert.All(ended, hub => Assert.Equal($"{address}", hub));
        Assert.InRange(back, TimeSpan.Zero, BackWithin);
        await cluster.WholeAsync(token);
    }
}
