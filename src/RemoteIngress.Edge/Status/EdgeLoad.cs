namespace RemoteIngress.Edge.Status;

/// <summary>What an edge carries now, all loops together: what STATUS tells the hubs.</summary>
/// <param name="Streams">Client connections.</param>
/// <param name="UdpSessions">UDP sessions.</param>
internal readonly record struct EdgeLoad(long Streams, long UdpSessions)
{
    /// <summary>Any thread may ask.</summary>
    internal static EdgeLoad Of(IReadOnlyList<EdgeLoop> loops) => new(
        loops.Sum(loop => loop.Counters.Active),
        loops.Sum(loop => loop.Loop.Datagrams.Counts.Sessions));
}
