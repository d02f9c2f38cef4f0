using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>What must outlive an event loop that dies: counts, which only rise, and the numbers of attempts, by which a hub knows a newer tunnel.</summary>
internal sealed class LaneHistory
{
    private static readonly int Reasons = Enum.GetValues<TunnelEndReason>().Length;

    private readonly Dictionary<HubAddress, LinkHistory> _links = [];
    private readonly long[] _ended = new long[Reasons];

    /// <summary>Tunnels and attempts at one that ended for this reason, to whichever hub. Any thread may read it.</summary>
    internal long Ended(TunnelEndReason reason) => Volatile.Read(ref _ended[(int)reason]);

    internal LinkHistory Of(HubAddress hub) =>
        _links.TryGetValue(hub, out var link) ? link : _links[hub] = new LinkHistory(Reasons);

    internal void AddEnd(HubAddress hub, TunnelEndReason reason)
    {
        _ended[(int)reason]++;
        Of(hub).Ends[(int)reason]++;
    }

    /// <summary>The same of one hub.</summary>
    internal sealed class LinkHistory(int reasons)
    {
        internal long[] Ends { get; } = new long[reasons];

        internal long Attempt { get; set; }
    }
}
