using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Mux.Datagrams;

namespace RemoteIngress.Transport.Loops;

/// <summary>What all loops count of UDP, for status and metrics. What never happened is left out. Any thread may ask.</summary>
internal sealed class LoopDatagramTotals(IReadOnlyList<EventLoop> loops)
{
    internal long Sum(Func<DatagramCounts, long> value) => loops.Sum(loop => value(loop.Datagrams.Counts));

    /// <summary>Datagrams that went no further.</summary>
    internal IReadOnlyDictionary<string, long> Drops() => By<DatagramDrop>((loop, reason) => loop.Drops(reason), DatagramDrops.MetricTag);

    /// <summary>Sessions that ended.</summary>
    internal IReadOnlyDictionary<string, long> Ends() => By<StreamEndReason>((loop, reason) => loop.Ends(reason), StreamEndReasons.MetricTag);

    /// <summary>Datagrams that passed, by direction.</summary>
    internal IReadOnlyDictionary<string, long> Passed() => new Dictionary<string, long>
    {
        ["into_tunnel"] = Sum(loop => loop.IntoTunnels),
        ["out_of_tunnel"] = Sum(loop => loop.OutOfTunnels),
    };

    private Dictionary<string, long> By<T>(Func<DatagramCounts, T, long> count, Func<T, string> tag)
        where T : struct, Enum =>
        Enum.GetValues<T>()
            .Select(value => (Tag: tag(value), Count: Sum(loop => count(loop, value))))
            .Where(pair => pair.Count > 0)
            .ToDictionary(pair => pair.Tag, pair => pair.Count);
}
