using RemoteIngress.Hub.Limits;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>The counts of all loops by reason, for status and metrics. What never happened is left out.</summary>
internal sealed class HubCounts(IReadOnlyList<LoopCounters> loops)
{
    private static readonly StreamEndReason[] StreamReasons = Enum.GetValues<StreamEndReason>();
    private static readonly TunnelEndReason[] TunnelReasons = [.. Enum.GetValues<TunnelEndReason>().Where(reason => reason != TunnelEndReason.None)];
    private static readonly HubLimit[] Limits = Enum.GetValues<HubLimit>();

    /// <summary>Connections to the tunnel port that were not authenticated.</summary>
    internal IReadOnlyDictionary<string, long> Refusals() => By(TunnelReasons, (loop, reason) => loop.Refusals(reason), TunnelEndReasons.MetricTag);

    /// <summary>Authenticated tunnels that ended.</summary>
    internal IReadOnlyDictionary<string, long> TunnelsEnded() => By(TunnelReasons, (loop, reason) => loop.TunnelEnds(reason), TunnelEndReasons.MetricTag);

    /// <summary>Connections of clients that ended.</summary>
    internal IReadOnlyDictionary<string, long> StreamsEnded() => By(StreamReasons, (loop, reason) => loop.ConnectionEnds(reason), StreamEndReasons.MetricTag);

    /// <summary>How often each bound was met.</summary>
    internal IReadOnlyDictionary<string, long> LimitsMet() => By(Limits, (loop, limit) => loop.LimitHits(limit), HubLimits.Tag);

    internal long Sum(Func<LoopCounters, long> value) => loops.Sum(value);

    private Dictionary<string, long> By<T>(T[] values, Func<LoopCounters, T, long> count, Func<T, string> tag) =>
        values
            .Select(value => (Tag: tag(value), Count: Sum(loop => count(loop, value))))
            .Where(pair => pair.Count > 0)
            .ToDictionary(pair => pair.Tag, pair => pair.Count);
}
