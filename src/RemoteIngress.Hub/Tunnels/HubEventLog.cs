using Microsoft.Extensions.Logging;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>Writes what the loops told into the log, on the thread pool.</summary>
internal sealed partial class HubEventLog : IAsyncDisposable
{
    private readonly HubEventQueue _queue;
    private readonly RefusalLog _refusals;
    private readonly OncePerMinute<HubEvent> _repeated;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Task _worker;

    internal HubEventLog(HubEventQueue queue, TimeProvider time, ILogger logger, Supervisor supervisor)
    {
        _queue = queue;
        _refusals = new RefusalLog(time);
        _repeated = new OncePerMinute<HubEvent>(time);
        _logger = logger;
        var minute = TimeSpan.FromMinutes(1);
        _timer = time.CreateTimer(static state => ((HubEventQueue)state!).Post(new HubEvent.Minute()), queue, minute, minute);
        _worker = supervisor.Start("log", RunAsync, CancellationToken.None);
    }

    /// <summary>Writes what is still queued.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        _queue.Complete();
        await _worker;
    }

    private async Task RunAsync()
    {
        await foreach (var hubEvent in _queue.Reader.ReadAllAsync())
        {
            Write(hubEvent);
        }
    }

    private void Write(HubEvent hubEvent)
    {
        switch (hubEvent)
        {
            case HubEvent.Authenticated e:
                LogAuthenticated(e.EdgeId, e.InstanceId, e.Remote, e.Software);
                break;
            case HubEvent.Ended e:
                LogEnded(Level(e.Reason), e.EdgeId, e.InstanceId, e.Remote, e.Reason.MetricTag(), e.Detail);
                break;
            case HubEvent.Refused e:
                WriteRefusal(e);
                break;
            case HubEvent.TargetFailed e when _repeated.IsNew(e):
                LogTargetFailed(e.EdgeId, e.Port, e.Target, e.Reason.MetricTag());
                break;
            case HubEvent.StreamsRefused e when _repeated.IsNew(e):
                LogStreamsRefused(e.EdgeId, e.Detail);
                break;
            case HubEvent.AcceptPaused e when _repeated.IsNew(e):
                LogAcceptPaused(e.Error);
                break;
            case HubEvent.ConfigTooLarge e:
                LogConfigTooLarge(e.EdgeId, e.Generation);
                break;
            case HubEvent.Minute:
                WriteHeldBack();
                break;
        }
    }

    private void WriteRefusal(HubEvent.Refused e)
    {
        // Whoever only looks in (a health check, a port scan) has not been refused anything.
        if (e.Reason is TunnelEndReason.Closed or TunnelEndReason.ConnectionLost or TunnelEndReason.Shutdown or TunnelEndReason.Draining)
        {
            LogGone(e.Remote, e.Reason.MetricTag());
        }
        else if (_refusals.IsNew(e.Remote.Address, e.EdgeId, e.Reason))
        {
            LogRefused(e.Remote, e.EdgeId ?? "-", e.Reason.MetricTag(), e.Detail);
        }
    }

    private void WriteHeldBack()
    {
        foreach (var (address, reason, count) in _refusals.TakeExpired())
        {
            LogHeldBack(count, address, reason.MetricTag());
        }

        foreach (var (key, count) in _repeated.TakeExpired())
        {
            if (key is HubEvent.TargetFailed e)
            {
                LogMoreTargetFailures(count, e.EdgeId, e.Port, e.Target, e.Reason.MetricTag());
            }
        }
    }

    private static LogLevel Level(TunnelEndReason reason) => reason.Severity() switch
    {
        EndSeverity.Quiet => LogLevel.Debug,
        EndSeverity.Notice => LogLevel.Information,
        EndSeverity.Warning => LogLevel.Warning,
        _ => LogLevel.Error,
    };

    [LoggerMessage(3000, LogLevel.Information, "Edge {EdgeId} instance {InstanceId}: tunnel from {Remote} authenticated ({Software})", EventName = "TunnelAuthenticated")]
    private partial void LogAuthenticated(string edgeId, string instanceId, System.Net.IPEndPoint remote, string software);

    [LoggerMessage(EventId = 3001, Message = "Edge {EdgeId} instance {InstanceId}: tunnel from {Remote} ended, {Reason}: {Detail}", EventName = "TunnelEnded")]
    private partial void LogEnded(LogLevel level, string edgeId, string instanceId, System.Net.IPEndPoint remote, string reason, string detail);

    [LoggerMessage(3002, LogLevel.Warning, "Tunnel from {Remote} as edge {EdgeId} refused, {Reason}: {Detail}", EventName = "TunnelRefused")]
    private partial void LogRefused(System.Net.IPEndPoint remote, string edgeId, string reason, string detail);

    [LoggerMessage(3003, LogLevel.Warning, "{Count} more tunnels from {Address} refused within a minute, {Reason}", EventName = "TunnelsRefused")]
    private partial void LogHeldBack(int count, System.Net.IPAddress address, string reason);

    [LoggerMessage(3004, LogLevel.Debug, "Connection from {Remote} to the tunnel port went before it was a tunnel, {Reason}", EventName = "TunnelGone")]
    private partial void LogGone(System.Net.IPEndPoint remote, string reason);

    [LoggerMessage(3007, LogLevel.Warning, "Edge {EdgeId} port {Port}: target {Target} cannot be reached, {Reason}", EventName = "TargetFailed")]
    private partial void LogTargetFailed(string edgeId, int port, string target, string reason);

    [LoggerMessage(
        3008, LogLevel.Warning, "{Count} more connections of edge {EdgeId} port {Port} to target {Target} failed within a minute, {Reason}", EventName = "TargetsFailed")]
    private partial void LogMoreTargetFailures(int count, string edgeId, int port, string target, string reason);

    [LoggerMessage(3009, LogLevel.Warning, "Edge {EdgeId}: new connections are refused: {Detail}", EventName = "StreamsRefused")]
    private partial void LogStreamsRefused(string edgeId, string detail);

    [LoggerMessage(3005, LogLevel.Error, "No new tunnels for a moment: {Error}; raise the limit of open files (ulimit -n, LimitNOFILE)", EventName = "AcceptPaused")]
    private partial void LogAcceptPaused(string error);

    [LoggerMessage(3006, LogLevel.Error, "Edge {EdgeId}: generation {Generation} is larger than 4 MiB and cannot be sent; the edge keeps what it has", EventName = "ConfigTooLarge")]
    private partial void LogConfigTooLarge(string edgeId, long generation);
}
