using System.Diagnostics.Metrics;

namespace RemoteIngress.Transport.Loops;

/// <summary>What the loops of an edge or a hub hold, for whoever listens to meters: read from the loops' own numbers, and only when asked for.</summary>
internal static class LoopMetrics
{
    /// <param name="meter">Gets the instruments.</param>
    /// <param name="prefix">Beginning of their names: <c>remoteingress.edge</c> or <c>remoteingress.hub</c>.</param>
    /// <param name="loops">All loops of that edge or hub.</param>
    internal static void AddTo(Meter meter, string prefix, IReadOnlyList<EventLoop> loops)
    {
        meter.CreateObservableUpDownCounter(
            prefix + ".streams", () => loops.Sum(loop => loop.Usage.Streams), "{stream}", "Streams open in all tunnels");
        meter.CreateObservableUpDownCounter(
            prefix + ".buffered", () => loops.Sum(loop => loop.Usage.BufferedBytes), "By", "Bytes that wait for a socket to take them");
        meter.CreateObservableUpDownCounter(
            prefix + ".held", () => loops.Sum(loop => loop.Holdings.Held), "By", "Bytes of streams that wait for clients or targets to take them");
        meter.CreateObservableUpDownCounter(
            prefix + ".held_limit", () => loops.Sum(loop => loop.Holdings.Bound), "By", "Bytes of streams that may wait, over all loops");
        meter.CreateObservableUpDownCounter(
            prefix + ".rented", () => loops.Sum(loop => loop.Usage.RentedBytes), "By", "Pooled memory held for waiting bytes");
        meter.CreateObservableUpDownCounter(
            prefix + ".loop.descriptors", () => ByLoop(loops, loop => loop.Registered), "{descriptor}", "Sockets that a loop watches");
        meter.CreateObservableUpDownCounter(
            prefix + ".loop.timers", () => ByLoop(loops, loop => loop.ArmedTimers), "{timer}", "Timers that are armed on a loop");
    }

    /// <summary>The same of UDP.</summary>
    /// <inheritdoc cref="AddTo"/>
    internal static void AddUdpTo(Meter meter, string prefix, IReadOnlyList<EventLoop> loops)
    {
        var counts = new LoopDatagramTotals(loops);
        meter.CreateObservableUpDownCounter(prefix + ".udp_sessions", () => counts.Sum(loop => loop.Sessions), "{session}", "UDP sessions open");
        meter.CreateObservableCounter(prefix + ".udp_sessions_opened", () => counts.Sum(loop => loop.Opened), "{session}", "UDP sessions ever opened");
        meter.CreateObservableCounter(
            prefix + ".udp_session_ends", () => By("error.type", counts.Ends()), "{session}", "UDP sessions that ended, by reason");
        meter.CreateObservableCounter(
            prefix + ".udp_datagrams", () => By("direction", counts.Passed()), "{datagram}", "Datagrams into tunnels and out of them");
        meter.CreateObservableCounter(
            prefix + ".udp_drops", () => By("error.type", counts.Drops()), "{datagram}", "Datagrams that went no further, by reason");
    }

    private static IEnumerable<Measurement<long>> By(string attribute, IReadOnlyDictionary<string, long> values) =>
        values.Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>(attribute, pair.Key)));

    private static IEnumerable<Measurement<long>> ByLoop(IReadOnlyList<EventLoop> loops, Func<EventLoop, long> value) =>
        loops.Select(loop => new Measurement<long>(value(loop), new KeyValuePair<string, object?>("remoteingress.loop", loop.Index)));
}
