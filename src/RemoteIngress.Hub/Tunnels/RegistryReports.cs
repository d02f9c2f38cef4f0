using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// Carries presence and acknowledgements to the registry without making anybody wait. Lanes by edge keep the order of one edge's reports
/// and let a slow grain hold up few others. Of what one instance acknowledged only the newest waits: an acknowledgement may be large, and an
/// edge may send any number of them.
/// </summary>
internal sealed partial class RegistryReports : IRegistryReports, IAsyncDisposable
{
    private const int Lanes = 8;
    private const int Capacity = 4096;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(3);

    private readonly Channel<Report>[] _lanes;
    private readonly Task[] _workers;
    private readonly ConcurrentDictionary<(string EdgeId, string InstanceId), EdgeAcknowledgement> _acknowledgements = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<IEdgeRegistry> _registry;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private long _dropped;

    /// <param name="registry">Asked for late: the registry is told of changes by the data plane, and the other way round.</param>
    /// <param name="time">Source of time.</param>
    /// <param name="logger">Where failures are told.</param>
    /// <param name="supervisor">Keeps the lanes going.</param>
    internal RegistryReports(Func<IEdgeRegistry> registry, TimeProvider time, ILogger logger, Supervisor supervisor)
    {
        _registry = registry;
        _time = time;
        _logger = logger;
        _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => Channel.CreateBounded<Report>(new BoundedChannelOptions(Capacity) { SingleReader = true }))];
        _workers = [.. _lanes.Select((lane, index) => supervisor.Start($"registry reports {index}", () => RunAsync(lane.Reader), _stopping.Token))];
    }

    /// <summary>Reports that found their lane full.</summary>
    internal long Dropped => Interlocked.Read(ref _dropped);

    public void Presence(string edgeId, EdgePresence presence) => TryPost(new Report(edgeId, presence, null));

    public void Acknowledged(string edgeId, EdgeAcknowledgement acknowledgement)
    {
        var key = (edgeId, acknowledgement.InstanceId);
        if (_acknowledgements.TryAdd(key, acknowledgement))
        {
            if (!TryPost(new Report(edgeId, null, acknowledgement.InstanceId)))
            {
                _acknowledgements.TryRemove(key, out _);
            }

            return;
        }

        // one waits already, or has just been taken: then this one needs a place of its own
        while (_acknowledgements.TryGetValue(key, out var waiting))
        {
            if (_acknowledgements.TryUpdate(key, acknowledgement, waiting))
            {
                return;
            }
        }

        Acknowledged(edgeId, acknowledgement);
    }

    /// <summary>Sends what waits, for a short time.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
        {
            lane.Writer.TryComplete();
        }

        var all = Task.WhenAll(_workers);
        using var given = new CancellationTokenSource(StopTimeout, _time);
        await Task.WhenAny(all, Task.Delay(Timeout.Infinite, given.Token));
        await _stopping.CancelAsync();
        await all;
        _stopping.Dispose();
    }

    private bool TryPost(Report report)
    {
        var lane = _lanes[(uint)string.GetHashCode(report.EdgeId, StringComparison.Ordinal) % Lanes];
        if (!lane.Writer.TryWrite(report))
        {
            Interlocked.Increment(ref _dropped);
            return false;
        }

        return true;
    }

    private async Task RunAsync(ChannelReader<Report> lane)
    {
        await foreach (var report in lane.ReadAllAsync())
        {
            try
            {
                await SendAsync(report);
            }
            catch (RegistryUnavailableException e)
            {
                // The registry's side remembers what was reported and says it again.
                LogNotReported(report.EdgeId, e.Message);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // One report that cannot be sent must not end the lane.
                LogReportFailed(report.EdgeId, e);
            }
        }
    }

    private Task SendAsync(Report report)
    {
        if (report.Presence is { } presence)
        {
            return _registry().ReportPresenceAsync(report.EdgeId, presence, _stopping.Token);
        }

        return _acknowledgements.TryRemove((report.EdgeId, report.AcknowledgedBy!), out var acknowledgement)
            ? _registry().AcknowledgeAsync(report.EdgeId, acknowledgement, _stopping.Token)
            : Task.CompletedTask;
    }

    [LoggerMessage(3030, LogLevel.Debug, "Edge {EdgeId}: the registry was not told, it is told again later: {Error}", EventName = "NotReported")]
    private partial void LogNotReported(string edgeId, string error);

    [LoggerMessage(3031, LogLevel.Error, "Edge {EdgeId}: the registry could not be told", EventName = "ReportFailed")]
    private partial void LogReportFailed(string edgeId, Exception exception);

    private readonly record struct Report(string EdgeId, EdgePresence? Presence, string? AcknowledgedBy);
}
