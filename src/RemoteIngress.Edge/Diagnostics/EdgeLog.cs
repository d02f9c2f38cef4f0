using Microsoft.Extensions.Logging;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Diagnostics;

/// <summary>
/// Writes the notices of the loops. A hub is one to the reader, however many loops dial it and however often: what repeats without a
/// change goes to Debug.
/// </summary>
internal sealed partial class EdgeLog(EdgeNotices notices, ILogger logger)
{
    private readonly Dictionary<HubAddress, HubLine> _hubs = [];
    private readonly ILogger _logger = logger;

    internal async Task RunAsync()
    {
        await foreach (var notice in notices.Log.ReadAllAsync())
        {
            switch (notice)
            {
                case TunnelUp up:
                    OnUp(up);
                    break;
                case TunnelDown down:
                    OnDown(down);
                    break;
                case TunnelDraining draining when Line(draining.Hub).SetDraining():
                    LogDraining(draining.Hub, TunnelEndReasons.FromGoAway(draining.Reason).Describe());
                    break;
            }
        }
    }

    private void OnUp(TunnelUp up)
    {
        var line = Line(up.Hub);
        if (line.Tunnels++ == 0)
        {
            line.Told = TunnelEndReason.None;
            LogUp(up.Hub, up.HubId);
        }
    }

    private void OnDown(TunnelDown down)
    {
        var line = Line(down.Hub);
        line.Tunnels = Math.Max(0, line.Tunnels - 1);
        line.IsDraining = false;
        var level = line.Told == down.Reason ? LogLevel.Debug : LevelOf(down.Reason);
        line.Told = down.Reason;
        LogDown(level, down.Hub, down.Reason.Describe(), down.Detail, down.RetryIn.TotalSeconds);
    }

    private HubLine Line(HubAddress hub) =>
        _hubs.TryGetValue(hub, out var line) ? line : _hubs[hub] = new HubLine();

    // The edge's own view: a hub that cannot be reached is worth a warning here, whatever it is on a hub.
    private static LogLevel LevelOf(TunnelEndReason reason) => reason switch
    {
        TunnelEndReason.Shutdown or TunnelEndReason.Draining => LogLevel.Information,
        _ => LogLevel.Warning,
    };

    [LoggerMessage(2001, LogLevel.Information, "tunnel to {Hub} is up (hub {HubId})", EventName = "TunnelUp")]
    private partial void LogUp(HubAddress hub, string hubId);

    [LoggerMessage(
        EventId = 2002,
        EventName = "TunnelDown",
        Message = "tunnel to {Hub} is down: {Reason} ({Detail}); next attempt in {RetryIn:F1} s")]
    private partial void LogDown(LogLevel level, HubAddress hub, string reason, string detail, double retryIn);

    [LoggerMessage(2003, LogLevel.Information, "hub {Hub} takes no new connections: {Reason}", EventName = "TunnelDraining")]
    private partial void LogDraining(HubAddress hub, string reason);

    private sealed class HubLine
    {
        internal int Tunnels { get; set; }

        internal TunnelEndReason Told { get; set; }

        internal bool IsDraining { get; set; }

        internal bool SetDraining() => !IsDraining && (IsDraining = true);
    }
}
