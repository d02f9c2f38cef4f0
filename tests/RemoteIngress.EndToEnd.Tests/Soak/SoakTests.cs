using System.Diagnostics;
using RemoteIngress.Testing;
using RemoteIngress.Testing.Faults;
using RemoteIngress.Testing.Fixtures;

namespace RemoteIngress.EndToEnd.Tests.Soak;

/// <summary>Both processes under everything at once: at the end they hold what they held after warming up. infra/scripts/soak.sh is the long run.</summary>
public sealed class SoakTests
{
    private const string EdgeId = TunnelFixture.EdgeId;

    private readonly SoakSettings _settings = SoakSettings.FromEnvironment();
    private readonly SoakTally _tally = new();
    private readonly Stopwatch _clock = new();

    [Fact]
    public async Task MixedTraffic_LeavesBothProcessesAsTheyWere()
    {
        var token = Timeouts.Within(_settings.WarmUp + _settings.Duration + TimeSpan.FromMinutes(3));
        await using var targets = new SoakTargets();
        using var data = new TempDirectory();
        await using var hub = await HubFixture.StartAsync(new HubSetup { Data = data, Edges = [Spec(targets.Always)] }, token);
        await using var relay = new HalfOpenRelay(hub.Setup.TunnelPort);
        await using var edge = new EdgeFixture(relay.Port, EdgeId, TunnelFixture.Secret);
        await edge.WaitForPortsAsync([.. targets.Always.Select(static port => port.Port)], token);
        var report = new SoakReport(_settings, _tally);
        report.WriteHeader();
        _clock.Start();

        await RunAsync(_settings.WarmUp, targets, hub, edge, relay, report, token);
        var (edgeBefore, hubBefore) = await SampleIdleAsync("idle after warming up", hub, edge, report, token);
        await RunAsync(_settings.Duration - _clock.Elapsed, targets, hub, edge, relay, report, token);
        var (edgeAfter, hubAfter) = await SampleIdleAsync("idle at the end", hub, edge, report, token);

        var failures = Judge("edge", edgeBefore, edgeAfter).Concat(Judge("hub", hubBefore, hubAfter)).Concat(_tally.FirstErrors).ToArray();
        report.Write(failures.Length == 0 ? $"passed; {_tally.Cuts} tunnel cuts" : "failed: " + string.Join("; ", failures));
        Assert.True(failures.Length == 0, $"{string.Join("; ", failures)}\nedge:\n{edge.Process.Text}\nhub:\n{hub.Process.Text}");
        Assert.True(_tally.Operations > 0 && _tally.Cuts > 0);
    }

    private static EdgeSpec Spec(params PortSpec[] ports) => new(EdgeId, TunnelFixture.Secret) { Ports = ports };

    /// <summary>Everything at once for so long, then until the last client is gone.</summary>
    private async Task RunAsync(
        TimeSpan duration, SoakTargets targets, HubFixture hub, EdgeFixture edge, HalfOpenRelay relay, SoakReport report, CancellationToken token)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        stop.CancelAfter(duration);
        await Task.WhenAll(
            new SoakTraffic(targets, _tally).RunAsync(stop.Token),
            EveryAsync(_settings.ChangeEvery, round => ChangeAsync(round, targets, hub, token), stop.Token),
            EveryAsync(_settings.CutEvery, _ => CutAsync(relay, edge, token), stop.Token),
            EveryAsync(_settings.SampleEvery, _ => SampleAsync("", hub, edge, report, token), stop.Token));
        token.ThrowIfCancellationRequested();

        // what came last may have been a cut, or the port that comes and goes
        await hub.PutEdgesAsync(token, Spec(targets.Always));
        await edge.WaitForPortsAsync([.. targets.Always.Select(static port => port.Port)], token);
    }

    private static async Task EveryAsync(TimeSpan period, Func<int, Task> action, CancellationToken stop)
    {
        using var pace = new PeriodicTimer(period);
        try
        {
            for (var round = 0; await pace.WaitForNextTickAsync(stop); round++)
            {
                await action(round);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the time is over
        }
    }

    private static async Task ChangeAsync(int round, SoakTargets targets, HubFixture hub, CancellationToken token) =>
        await hub.PutEdgesAsync(token, Spec(round % 2 == 0 ? [.. targets.Always, targets.Sometimes] : targets.Always));

    private async Task CutAsync(HalfOpenRelay relay, EdgeFixture edge, CancellationToken token)
    {
        var tunnels = (await edge.ReadMetricsAsync(token)).Sum("remoteingress_edge_tunnels");
        var accepted = relay.Accepted;
        _tally.OnCutBegins();
        relay.Cut();
        await Poll.UntilAsync(
            "all tunnels are back",
            async wait => relay.Accepted >= accepted + tunnels && (await edge.ReadMetricsAsync(wait)).Sum("remoteingress_edge_tunnels") == tunnels,
            token);
        _tally.OnCutIsOver();
    }

    private async Task<(SoakSample Edge, SoakSample Hub)> SampleIdleAsync(
        string note, HubFixture hub, EdgeFixture edge, SoakReport report, CancellationToken token)
    {
        await edge.NothingIsLeftAsync(token);
        await hub.NothingIsLeftAsync(token);
        return await SampleAsync(note, hub, edge, report, token);
    }

    private async Task<(SoakSample Edge, SoakSample Hub)> SampleAsync(
        string note, HubFixture hub, EdgeFixture edge, SoakReport report, CancellationToken token)
    {
        var ofEdge = SoakSample.Take(edge.Process, "remoteingress_edge", await edge.ReadMetricsAsync(token));
        var ofHub = SoakSample.Take(hub.Process, "remoteingress_hub", await hub.ReadMetricsAsync(token));
        report.Write(_clock.Elapsed, note, ofEdge, ofHub);
        return (ofEdge, ofHub);
    }

    private IEnumerable<string> Judge(string who, SoakSample before, SoakSample after)
    {
        // that both are as idle as can be was waited for; what is left to compare is what has no exact number
        if (after.Resident - before.Resident > _settings.MaxGrowth)
        {
            yield return $"{who}: RSS {SoakSample.MiB(before.Resident):0.0} MiB after warming up, {SoakSample.MiB(after.Resident):0.0} MiB at the end";
        }

        if (after.Watched != before.Watched || after.Timers != before.Timers)
        {
            yield return $"{who}: {before.Watched} sockets and {before.Timers} timers on loops after warming up, {after.Watched} and {after.Timers} at the end";
        }
    }
}
