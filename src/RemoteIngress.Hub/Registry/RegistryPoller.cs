using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry;

/// <summary>
/// The backstop of the push: asks every few seconds, and whenever the cluster changes, for the versions of the edges that have a
/// tunnel here, and passes on what the push has missed. Touches the fleet in the same round: a reconcile that a dying hub left half done is finished
/// because every other one does so.
/// </summary>
internal sealed partial class RegistryPoller(EdgeRegistry registry, IEdgeChangeSink sink, TimeProvider time, ILogger<RegistryPoller> logger) : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    // a silo that just died takes part in the next attempts: they must not wait for the end of a period
    private static readonly TimeSpan PeriodAfterFailure = TimeSpan.FromSeconds(1);
    private const int Concurrency = 32;

    private readonly SemaphoreSlim _wake = new(0, 1);
    private bool _isFleetAwake = true;

    /// <summary>Asks again soon instead of at the end of the period.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // it is awake already
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await WaitAsync(cancellationToken);
            await PollAsync(cancellationToken);
        }
    }

    public void Dispose() => _wake.Dispose();

    /// <summary>One round over all live edges, and over those of which a report failed. One that cannot be asked does not stop the others.</summary>
    public async Task PollAsync(CancellationToken cancellationToken)
    {
        // beside the edges: the silo of the fleet may be the one that does not answer
        var touching = TouchFleetAsync(cancellationToken);
        var live = sink.LiveEdges().ToList();
        await BoundedFanOut.RunAsync(live, edge => PollAsync(edge.EdgeId, edge.Generation, cancellationToken), Concurrency);
        var left = registry.Unsent().Except(live.Select(edge => edge.EdgeId), StringComparer.Ordinal).ToList();
        await BoundedFanOut.RunAsync(left, edgeId => ReportAgainAsync(edgeId, cancellationToken), Concurrency);
        _isFleetAwake = await touching;
    }

    private async Task<bool> TouchFleetAsync(CancellationToken cancellationToken)
    {
        try
        {
            await registry.TouchFleetAsync(cancellationToken);
            return true;
        }
        catch (RegistryUnavailableException e)
        {
            LogTouchFailed(e.Message);
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
                // a grain that moved has forgotten when it was removed: just after what is in force
                sink.Removed(edgeId, Math.Max(version.Generation, generation + 1));
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

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(_isFleetAwake ? Period : PeriodAfterFailure, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the period is over
        }
    }

    [LoggerMessage(3220, LogLevel.Information, "Edge {EdgeId}: the poll found generation {Found} where {Known} is in force", EventName = "PushMissed")]
    private partial void LogMissed(string edgeId, long known, long found);

    [LoggerMessage(3222, LogLevel.Debug, "The fleet cannot be reached: {Reason}", EventName = "TouchFailed")]
    private partial void LogTouchFailed(string reason);

    [LoggerMessage(3221, LogLevel.Debug, "Edge {EdgeId} cannot be polled: {Reason}", EventName = "PollFailed")]
    private partial void LogPollFailed(string edgeId, string reason);
}
