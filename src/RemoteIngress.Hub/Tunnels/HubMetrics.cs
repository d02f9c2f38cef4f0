using System.Diagnostics.Metrics;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>What a hub counts, for whoever listens to meters. Loops count in memory of their own; it is gathered only when asked for.</summary>
internal sealed class HubMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    internal const string MeterName = "RemoteIngress.Hub";

    /// <summary>What every name begins with.</summary>
    internal const string Prefix = "remoteingress.hub";

    private const string ErrorType = "error.type";
    private const string Limit = "limit";

    private readonly Meter _meter;

    /// <summary>For what others count.</summary>
    internal Meter Meter => _meter;

    internal HubMetrics(string hubId, IReadOnlyList<EventLoop> loops, HubCounts counts, OpenFiles files, HubEventQueue events, RegistryReports reports, Supervisor supervisor)
    {
        _meter = new Meter(MeterName, version: null, tags: [new(Prefix + ".id", hubId)]);
        _meter.CreateObservableUpDownCounter(Prefix + ".tunnels", () => counts.Sum(loop => loop.Tunnels), "{tunnel}", "Authenticated tunnels");
        _meter.CreateObservableUpDownCounter(
            Prefix + ".active_connections", () => counts.Sum(loop => loop.ActiveConnections), "{connection}", "Connections being forwarded");
        _meter.CreateObservableCounter(
            Prefix + ".connections", () => counts.Sum(loop => loop.Connections), "{connection}", "Connections ever asked for");
        _meter.CreateObservableCounter(
            Prefix + ".connection_ends", () => By(ErrorType, counts.StreamsEnded()), "{connection}", "Connections that ended, by reason");
        _meter.CreateObservableCounter(
            Prefix + ".tunnel_ends", () => By(ErrorType, counts.TunnelsEnded()), "{tunnel}", "Authenticated tunnels that ended, by reason");
        _meter.CreateObservableCounter(
            Prefix + ".refused_tunnels", () => By(ErrorType, counts.Refusals()),
            "{tunnel}", "Connections to the tunnel port that were not authenticated, by reason");
        _meter.CreateObservableCounter(
            Prefix + ".limits_met", () => By(Limit, counts.LimitsMet()), "{refusal}", "How often a bound was met, by the option that moves it");
        _meter.CreateObservableCounter(
            Prefix + ".target_bytes", () => counts.Sum(loop => loop.BytesFromTargets), "By", "Bytes read from targets");
        _meter.CreateObservableCounter(
            Prefix + ".dropped_events", () => events.Dropped + events.Told.Dropped + reports.Dropped, "{event}", "Events, log lines and reports lost to full queues");
        supervisor.AddTo(_meter, Prefix);
        LoopMetrics.AddTo(_meter, Prefix, loops);
        LoopMetrics.AddUdpTo(_meter, Prefix, loops);
        files.AddTo(_meter, Prefix);
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> By(string attribute, IReadOnlyDictionary<string, long> counts) =>
        counts.Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>(attribute, pair.Key)));
}
