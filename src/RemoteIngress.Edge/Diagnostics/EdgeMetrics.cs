using System.Diagnostics.Metrics;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Edge.Status;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Edge.Diagnostics;

/// <summary>What an edge counts, for whoever listens to meters. Loops count in memory of their own; it is gathered only when asked for.</summary>
internal sealed class EdgeMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    internal const string MeterName = "RemoteIngress.Edge";

    /// <summary>Beginning of the names of its instruments.</summary>
    internal const string Prefix = "remoteingress.edge";

    private const string ErrorType = "error.type";

    private static readonly StreamEndReason[] Reasons = Enum.GetValues<StreamEndReason>();
    private static readonly TunnelEndReason[] TunnelReasons = Enum.GetValues<TunnelEndReason>();

    private readonly Meter _meter;
    private readonly IReadOnlyList<EdgeLoop> _loops;

    internal EdgeMetrics(
        string edgeId,
        IReadOnlyList<EdgeLoop> loops,
        IReadOnlyList<EventLoop> eventLoops,
        OpenFiles files,
        FirewallCounters firewall,
        Supervisor supervisor,
        Func<long> dropped)
    {
        _loops = loops;
        _meter = new Meter(MeterName, version: null, tags: [new("remoteingress.edge.id", edgeId)]);
        _meter.CreateObservableUpDownCounter(Prefix + ".tunnels", () => Sum(loop => loop.Pool.Ready), "{tunnel}", "Tunnels that carry new connections");
        _meter.CreateObservableUpDownCounter(
            Prefix + ".listeners", () => Sum(loop => loop.Listeners), "{socket}", "Listening sockets: each loop has one for every public port");
        _meter.CreateObservableUpDownCounter(Prefix + ".active_connections", () => Sum(loop => loop.Counters.Active), "{connection}", "Client connections open");
        _meter.CreateObservableUpDownCounter(Prefix + ".held_connections", () => Sum(loop => loop.Held), "{connection}", "Clients that wait for a tunnel");
        _meter.CreateObservableCounter(Prefix + ".connections", () => Sum(loop => loop.Counters.Accepted), "{connection}", "Client connections ever accepted");
        _meter.CreateObservableCounter(
            Prefix + ".moved_connections", () => Sum(loop => loop.Counters.Moved), "{connection}", "Connections that went to another tunnel before OPENED");
        _meter.CreateObservableCounter(
            Prefix + ".connection_ends", () => ByReason(Reasons, (loop, reason) => loop.Counters.Ended(reason), StreamEndReasons.MetricTag), "{connection}", "Connections that ended, by reason");
        _meter.CreateObservableCounter(
            Prefix + ".refused_connections", () => ByReason(Reasons, (loop, reason) => loop.Counters.Refused(reason), StreamEndReasons.MetricTag), "{connection}", "Clients refused at once, by reason");
        _meter.CreateObservableCounter(
            Prefix + ".tunnel_ends",
            () => ByReason(TunnelReasons, (loop, reason) => loop.Pool.Ended(reason), TunnelEndReasons.MetricTag),
            "{tunnel}",
            "Tunnels and attempts at one that ended, by reason");
        _meter.CreateObservableCounter(Prefix + ".limits_met", LimitsMet, "{refusal}", "How often a bound was met, by the option that moves it");
        _meter.CreateObservableCounter(
            Prefix + ".firewall_updates", () => Updates(firewall), "{update}", "Packet filters put in force, taken away, or not applied");
        files.AddTo(_meter, Prefix);
        LoopMetrics.AddTo(_meter, Prefix, eventLoops);
        LoopMetrics.AddUdpTo(_meter, Prefix, eventLoops);
        supervisor.AddTo(_meter, Prefix);
        _meter.CreateObservableCounter(Prefix + ".dropped_events", dropped, "{event}", "Events and log lines lost to full queues");
    }

    /// <summary>For parts of the edge that have counters of their own.</summary>
    internal Meter Meter => _meter;

    public void Dispose() => _meter.Dispose();

    private long Sum(Func<EdgeLoop, long> value) => _loops.Sum(value);

    private static Measurement<long>[] Updates(FirewallCounters firewall) =>
    [
        new(firewall.Applied, new KeyValuePair<string, object?>("result", "applied")),
        new(firewall.Removed, new KeyValuePair<string, object?>("result", "removed")),
        new(firewall.Failed, new KeyValuePair<string, object?>("result", "failed")),
    ];

    private IEnumerable<Measurement<long>> LimitsMet() =>
        StatusCollector.LimitsMet(_loops).Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>("limit", pair.Key)));

    private List<Measurement<long>> ByReason<T>(T[] reasons, Func<EdgeLoop, T, long> value, Func<T, string> tag) =>
        [.. reasons
            .Select(reason => (Tag: tag(reason), Count: Sum(loop => value(loop, reason))))
            .Where(pair => pair.Count > 0)
            .Select(pair => new Measurement<long>(pair.Count, new KeyValuePair<string, object?>(ErrorType, pair.Tag)))];
}
