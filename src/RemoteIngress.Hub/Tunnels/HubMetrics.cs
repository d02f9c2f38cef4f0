using System.Diagnostics.Metrics;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>What a hub counts, for whoever listens to meters. Loops count in memory of their own; it is gathered only when asked for.</summary>
internal sealed class HubMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    internal const string MeterName = "RemoteIngress.Hub";

    private const string ErrorType = "error.type";

    private static readonly StreamEndReason[] StreamReasons = Enum.GetValues<StreamEndReason>();
    private static readonly TunnelEndReason[] TunnelReasons = [.. Enum.GetValues<TunnelEndReason>().Where(reason => reason != TunnelEndReason.None)];

    private readonly Meter _meter;
    private readonly IReadOnlyList<LoopCounters> _loops;

    internal HubMetrics(string hubId, IEnumerable<HubLoop> loops, HubEventQueue events, RegistryReports reports)
    {
        _loops = [.. loops.Select(loop => loop.Counters)];
        _meter = new Meter(MeterName, version: null, tags: [new("remoteingress.hub.id", hubId)]);
        _meter.CreateObservableUpDownCounter("remoteingress.hub.tunnels", () => Sum(loop => loop.Tunnels), "{tunnel}", "Authenticated tunnels");
        _meter.CreateObservableUpDownCounter(
            "remoteingress.hub.active_connections", () => Sum(loop => loop.ActiveConnections), "{connection}", "Connections being forwarded");
        _meter.CreateObservableCounter(
            "remoteingress.hub.connections", () => Sum(loop => loop.Connections), "{connection}", "Connections ever asked for");
        _meter.CreateObservableCounter(
            "remoteingress.hub.connection_ends", () => ByReason(StreamReasons, (loop, reason) => loop.ConnectionEnds(reason), StreamEndReasons.MetricTag),
            "{connection}", "Connections that ended, by reason");
        _meter.CreateObservableCounter(
            "remoteingress.hub.tunnel_ends", () => ByReason(TunnelReasons, (loop, reason) => loop.TunnelEnds(reason), TunnelEndReasons.MetricTag),
            "{tunnel}", "Authenticated tunnels that ended, by reason");
        _meter.CreateObservableCounter(
            "remoteingress.hub.refused_tunnels", () => ByReason(TunnelReasons, (loop, reason) => loop.Refusals(reason), TunnelEndReasons.MetricTag),
            "{tunnel}", "Connections to the tunnel port that were not authenticated, by reason");
        _meter.CreateObservableCounter("remoteingress.hub.target_bytes", () => Sum(loop => loop.BytesFromTargets), "By", "Bytes read from targets");
        _meter.CreateObservableCounter("remoteingress.hub.dropped_events", () => events.Dropped + reports.Dropped, "{event}", "Log events and reports lost to full queues");
        LoopMetrics.AddTo(_meter, "remoteingress.hub", [.. loops.Select(loop => loop.Loop)]);
    }

    public void Dispose() => _meter.Dispose();

    private long Sum(Func<LoopCounters, long> value) => _loops.Sum(value);

    private List<Measurement<long>> ByReason<T>(T[] reasons, Func<LoopCounters, T, long> value, Func<T, string> tag) =>
        [.. reasons
            .Select(reason => (Tag: tag(reason), Count: Sum(loop => value(loop, reason))))
            .Where(pair => pair.Count > 0)
            .Select(pair => new Measurement<long>(pair.Count, new KeyValuePair<string, object?>(ErrorType, pair.Tag)))];
}
