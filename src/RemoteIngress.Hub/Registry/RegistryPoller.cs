using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Silo;

namespace RemoteIngress.Hub.Registry;

/// <summary>
/// The backstop of the push: asks every few seconds, and whenever the cluster changes, for the versions of the edges that have a
/// tunnel here, and passes on what the push has missed. Remembers which edges there are, and gives the registry back what a loss of its storage took.
/// To ask wakes the fleet: a reconcile that a dying hub left half done is finished because every other one does so.
/// </summary>
internal sealed partial class RegistryPoller(
    EdgeRegistry registry, IEdgeChangeSink sink, SiloCounters counters, TimeProvider time, ILogger<RegistryPoller> logger) : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    // a silo that just died takes part in the next attempts: they must not wait for the end of a period
    private static readonly TimeSpan PeriodAfterFailure = TimeSpan.FromSeconds(1);
    private const int Concurrency = 32;

    private readonly WakeSignal _wake = new();
    private FleetSet? _set;
    private bool _isFleetAwake = true;

    /// <summary>Asks again soon instead of at the end of the period.</summary>
    public void Wake() => _wake.Set();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await _wake.WaitAsync(_isFleetAwake ? Period : PeriodAfterFailure, time, cancellationToken);
            await PollAsync(cancellationToken);
        }
    }

    public void Dispose() => _wake.Dispose();

    /// <summary>One round over all live edges, and over those of which a report failed. One that cannot be asked does not stop the others.</summary>
    public async Task PollAsync(CancellationToken cancellationToken)
    {
        _isFleetAwake = await PollSetAsync(cancellationToken);
        var live = sink.LiveEdges().ToList();
        await BoundedFanOut.RunAsync(live, edge => PollAsync(edge.EdgeId, edge.Generation, cancellationToken), Concurrency);
        var left = registry.Unsent().Except(live.Select(edge => edge.EdgeId), StringComparer.Ordinal).ToList();
        await BoundedFanOut.RunAsync(left, edgeId => ReportAgainAsync(edgeId, cancellationToken), Concurrency);
    }

    // Before the edges: whether one is to be given back depends on it.
    private async Task<bool> PollSetAsync(CancellationToken cancellationToken)
    {
        try
        {
            var set = await registry.GetSetAsync(_set?.Revision ?? -1, cancellationToken);
            if (_set is null || set.Revision > _set.Revision)
            {
                _set = set;
            }
            else if (set.Revision < _set.Revision)
            {
                await registry.RestoreSetAsync(_set, cancellationToken);
            }

            return true;
        }
        catch (RegistryUnavailableException e)
        {
            LogSetFailed(e.Message);
            return false;
        }
    }

    private async Task<bool> ReportAgainAsync(string edgeId, CancellationToken cancellationToken)
    {
        try
        {
            await registry.GetVersionAsync(edgeId, cancellationToken);
        }
        catch (RegistryUnavailableException e)
        {
            LogPollFailed(edgeId, e.Message);
        }

        return true;
    }

    private async Task<bool> PollAsync(string edgeId, long generation, CancellationToken cancellationToken)
    {
        try
        {
            var version = await registry.GetVersionAsync(edgeId, cancellationToken);
            if (!version.Registered)
            {
                await NotRegisteredAsync(edgeId, generation, version, cancellationToken);
            }
            else if (version.Generation > generation && await registry.FindAsync(edgeId, cancellationToken) is { } record)
            {
                LogMissed(edgeId, generation, record.Generation);
                sink.Changed(record);
            }
        }
        catch (RegistryUnavailableException e)
        {
            LogPollFailed(edgeId, e.Message);
        }

        return true;
    }

    private async Task NotRegisteredAsync(string edgeId, long generation, EdgeVersion version, CancellationToken cancellationToken)
    {
        // One that remembers the removal is right. One that knows nothing was activated anew, perhaps from a storage that has lost its data.
        if (version.Generation == 0
            && sink.Known(edgeId) is { } record
            && await registry.RestoreAsync(record, cancellationToken))
        {
            counters.EdgeRestored();
            LogRestored(edgeId, record.Generation);
            return;
        }

        // a grain that moved has forgotten when it was removed: just after what is in force
        sink.Removed(edgeId, Math.Max(version.Generation, generation + 1));
    }

    [LoggerMessage(3220, LogLevel.Information, "Edge {EdgeId}: the poll found generation {Found} where {Known} is in force", EventName = "PushMissed")]
    private partial void LogMissed(string edgeId, long known, long found);

    [LoggerMessage(3221, LogLevel.Debug, "Edge {EdgeId} cannot be polled: {Reason}", EventName = "PollFailed")]
    private partial void LogPollFailed(string edgeId, string reason);

    [LoggerMessage(3222, LogLevel.Debug, "The set of edges cannot be asked for: {Reason}", EventName = "PollSetFailed")]
    private partial void LogSetFailed(string reason);

    [LoggerMessage(3223, LogLevel.Warning, "Edge {EdgeId}: the registry had lost it; this hub, which serves it, gave it back with generation {Generation}", EventName = "EdgeRestored")]
    private partial void LogRestored(string edgeId, long generation);
}
