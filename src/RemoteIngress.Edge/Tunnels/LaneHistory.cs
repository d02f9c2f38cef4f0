using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>
/// What must outlive an event loop that dies: counts, which only rise, and the lanes and numbers of attempts, by which a hub knows a newer tunnel.
/// </summary>
internal sealed class LaneHistory
{
    // With 256 loops at most, and 64 more for datagrams, all lanes fit into the 16 bits that HELLO has for one.
    private const int Slots = 128;
    private const int LoopsPerSlot = 512;
    private static readonly int Reasons = Enum.GetValues<TunnelEndReason>().Length;

    private readonly Dictionary<HubAddress, LinkHistory> _links = [];
    private readonly long[] _ended = new long[Reasons];
    private int _nextSlot;

    /// <summary>Tunnels and attempts at one that ended for this reason, to whichever hub. Any thread may read it.</summary>
    internal long Ended(TunnelEndReason reason) => Volatile.Read(ref _ended[(int)reason]);

    internal LinkHistory Of(HubAddress hub) =>
        _links.TryGetValue(hub, out var link) ? link : _links[hub] = new LinkHistory(Reasons, TakeSlot());

    /// <summary>There is no link to this hub any more.</summary>
    internal void Forget(HubAddress hub) => _links.Remove(hub);

    /// <summary>The tunnel of this link goes on with old streams alone: a next one must not take its place.</summary>
    internal void Renew(LinkHistory link) => link.Slot = TakeSlot();

    internal void AddEnd(HubAddress hub, TunnelEndReason reason)
    {
        _ended[(int)reason]++;
        if (_links.TryGetValue(hub, out var link))
        {
            link.Ends[(int)reason]++;
        }
    }

    // In turn, so that none is taken again while an old tunnel may still have it.
    private int TakeSlot()
    {
        int slot;
        do
        {
            slot = (int)((uint)_nextSlot++ % Slots);
        }
        while (_links.Count < Slots && _links.Values.Any(link => link.Slot == slot));
        return slot;
    }

    /// <summary>The same of one hub.</summary>
    internal sealed class LinkHistory(int reasons, int slot)
    {
        internal long[] Ends { get; } = new long[reasons];

        internal long Attempt { get; set; }

        /// <summary>Tells its tunnels from those of the loop's other links, which may lead to the same hub under another name.</summary>
        internal int Slot { get; set; } = slot;

        internal int Lane(int loop) => (Slot * LoopsPerSlot) + loop;
    }
}
