using Microsoft.Extensions.Logging;
using RemoteIngress.Edge.Events;
using RemoteIngress.Edge.Limits;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Diagnostics;

/// <summary>
/// Writes the notices of the loops, and raises the events of tunnels. A hub is one to the reader, however many loops dial it and however often: what repeats without a
/// change goes to Debug.
/// </summary>
internal sealed partial class EdgeLog(EdgeNotices notices, EdgeEvents events, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RepeatedLineEvery = TimeSpan.FromMinutes(1);

    private readonly Dictionary<HubAddress, HubLine> _hubs = [];
    private readonly ILogger _logger = logger;
    private readonly Dictionary<EdgeLimit, long> _refusalsTold = [];
    private long? _pausedSince;

    internal async Task RunAsync()
    {
        await foreach (var notice in notices.Log.ReadAllAsync())
        {
            switch (notice)
            {
                case AcceptPaused paused:
                    OnAcceptPaused(paused.Why);
                    break;
                case ClientsRefused refused:
                    OnRefused(refused);
                    break;
                case FirewallChanged changed:
                    OnFirewall(changed);
                    break;
                case TunnelUp up:
                    OnUp(up);
                    break;
                case TunnelDown down:
                    OnDown(down);
                    break;
                case SecondName second when Line(second.Hub).SetSecondName(second.Kept):
                    LogSecondName(second.Hub, second.HubId, second.Kept);
                    break;
                case HubLeft left when _hubs.Remove(left.Hub):
                    LogLeft(left.Hub);
                    break;
                case TunnelDraining draining when Line(draining.Hub).SetDraining():
                    LogDraining(draining.Hub, TunnelEndReasons.FromGoAway(draining.Reason).Describe());
                    break;
            }
        }
    }

    private void OnAcceptPaused(string why)
    {
        // Ten times a second while it lasts: once a minute is enough to know.
        if (_pausedSince is { } since && time.GetElapsedTime(since) < RepeatedLineEvery)
        {
            return;
        }

        _pausedSince = time.GetTimestamp();
        LogAcceptPaused(why);
    }

    private void OnRefused(ClientsRefused refused)
    {
        if (!_refusalsTold.TryGetValue(refused.Limit, out var since) || time.GetElapsedTime(since) >= RepeatedLineEvery)
        {
            _refusalsTold[refused.Limit] = time.GetTimestamp();
            LogRefused(refused.Detail);
        }
    }

    private void OnFirewall(FirewallChanged changed)
    {
        if (changed.State.Error is { } error)
        {
            LogFirewallProblem(changed.Generation, changed.State.Word, error);
        }
        else
        {
            LogFirewall(changed.Generation, changed.State.Word, (long)changed.Took.TotalMilliseconds);
        }
    }

    private void OnUp(TunnelUp up)
    {
        if (up.IsFirst)
        {
            events.RaiseTunnelConnected(up.Hub.ToString(), up.HubId);
            Line(up.Hub).Told = TunnelEndReason.None;
            Line(up.Hub).SetSecondName(null);
            LogUp(up.Hub, up.HubId);
        }
    }

    private void OnDown(TunnelDown down)
    {
        if (down.IsLast)
        {
            events.RaiseTunnelDisconnected(down.Hub.ToString(), down.HubId!, down.Reason.MetricTag());
        }

        if (down.Reason is TunnelEndReason.HubRemoved or TunnelEndReason.Replaced)
        {
            // we closed it, and the line is written already
            return;
        }

        var line = Line(down.Hub);
        line.IsDraining = false;
        var isRepeated = line.Told == down.Reason;
        line.Told = down.Reason;
        if (down.Reason != TunnelEndReason.Shutdown)
        {
            var level = isRepeated ? LogLevel.Debug : LevelOf(down.Reason);
            // a hub that refuses says it in the words of the reason
            var reason = down.Reason.Describe();
            LogDown(level, down.Hub, down.Detail == reason ? reason : $"{reason} ({down.Detail})", down.RetryIn.TotalSeconds);
        }
        else if (down.IsLast)
        {
            LogClosed(down.Hub);
        }
    }

    private HubLine Line(HubAddress hub) =>
        _hubs.TryGetValue(hub, out var line) ? line : _hubs[hub] = new HubLine();

    // The edge's own view: a hub that cannot be reached is worth a warning here, whatever it is on a hub.
    private static LogLevel LevelOf(TunnelEndReason reason) =>
        reason == TunnelEndReason.Draining ? LogLevel.Information : LogLevel.Warning;

    [LoggerMessage(2001, LogLevel.Information, "tunnel to {Hub} is up (hub {HubId})", EventName = "TunnelUp")]
    private partial void LogUp(HubAddress hub, string hubId);

    [LoggerMessage(
        EventId = 2002,
        EventName = "TunnelDown",
        Message = "tunnel to {Hub} is down: {Reason}; next attempt in {RetryIn:F1} s")]
    private partial void LogDown(LogLevel level, HubAddress hub, string reason, double retryIn);

    [LoggerMessage(2003, LogLevel.Information, "hub {Hub} takes no new connections: {Reason}", EventName = "TunnelDraining")]
    private partial void LogDraining(HubAddress hub, string reason);

    [LoggerMessage(2004, LogLevel.Information, "tunnel to {Hub} closed: this edge stops", EventName = "TunnelClosed")]
    private partial void LogClosed(HubAddress hub);

    [LoggerMessage(2005, LogLevel.Error, "new clients wait: {Why}; raise the limit of open files (ulimit -n, LimitNOFILE)", EventName = "AcceptPaused")]
    private partial void LogAcceptPaused(string why);

    [LoggerMessage(2006, LogLevel.Warning, "new clients are refused: {Detail}", EventName = "ClientsRefused")]
    private partial void LogRefused(string detail);

    [LoggerMessage(2007, LogLevel.Information, "packet filter of configuration {Generation}: {State} in {Milliseconds} ms", EventName = "FirewallChanged")]
    private partial void LogFirewall(long generation, string state, long milliseconds);

    [LoggerMessage(
        2008, LogLevel.Warning, "packet filter of configuration {Generation} is not in force ({State}), the last good one stays, tried again: {Error}", EventName = "FirewallProblem")]
    private partial void LogFirewallProblem(long generation, string state, string error);

    [LoggerMessage(2009, LogLevel.Information, "{Hub} is another name of hub {HubId}, which has a tunnel as {Kept}: held in reserve", EventName = "SecondName")]
    private partial void LogSecondName(HubAddress hub, string hubId, HubAddress kept);

    [LoggerMessage(2010, LogLevel.Information, "hub {Hub} is left: no hub names it any more; open connections through it finish", EventName = "HubLeft")]
    private partial void LogLeft(HubAddress hub);

    private sealed class HubLine
    {
        private HubAddress? _kept;

        internal TunnelEndReason Told { get; set; }

        internal bool IsDraining { get; set; }

        internal bool SetDraining() => !IsDraining && (IsDraining = true);

        /// <summary>True: that is news.</summary>
        internal bool SetSecondName(HubAddress? kept)
        {
            var isNews = kept is not null && kept != _kept;
            _kept = kept;
            return isNews;
        }
    }
}
