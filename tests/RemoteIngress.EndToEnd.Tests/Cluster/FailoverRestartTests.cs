using RemoteIngress.Testing;
using RemoteIngress.Testing.Cluster;

namespace RemoteIngress.EndToEnd.Tests.Cluster;

/// <summary>Every hub is drained and started again, one after the other, as an upgrade does it.</summary>
[Collection<FailoverCluster>]
public sealed class FailoverRestartTests(FailoverRig rig)
{
    // more than all the buffers on the way together
    private const long Length = 64 << 20;
    private static readonly TimeSpan Download = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task AllHubs_OneAfterTheOther_NoConnectionFails_AndALongDownloadSurvives()
    {
        var token = Timeouts.Within(TimeSpan.FromSeconds(150));
        var downloads = rig.SourcePorts.Select(port => PacedDownload.RunAsync(rig.Cluster.Clients, port, Length, Download, token)).ToArray();
        await using var load = rig.StartLoad();
        await load.GoOnAsync(TimeSpan.FromSeconds(1), token);

        foreach (var hub in NetnsCluster.Hubs)
        {
            await rig.Cluster.DrainAsync(hub, token);
            await rig.Cluster.StartAsync(hub, token);
            await rig.Cluster.UntilBackAsync(hub, token);
        }

        await load.GoOnAsync(TimeSpan.FromSeconds(1), token);
        var report = await load.StopAsync();

        FailoverReport.Tell($"rolling restart: {report.Describe()}");
        Assert.True(report.Failures.Count == 0, report.Describe() + "\n" + string.Join('\n', report.Failures.Take(10)));
        rig.AssertNothingTwice(report);
        Assert.All(await Task.WhenAll(downloads), took => Assert.True(took > Download * 0.8, $"{took}"));
        Assert.All(NetnsCluster.Hubs, hub => Assert.DoesNotContain("were cut", rig.Cluster.Log(hub), StringComparison.Ordinal));
    }
}
