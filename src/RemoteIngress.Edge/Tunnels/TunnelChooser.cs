namespace RemoteIngress.Edge.Tunnels;

/// <summary>
/// Power of two choices: of two tunnels drawn at random the one with less to do, weighted by its round trip. Cheap, and unlike
/// "the least loaded" it does not send every new connection of a moment to the same hub.
/// </summary>
internal static class TunnelChooser
{
    // Below this, differences of the round trip are noise of the machine.
    private const long RoundTripFloor = 1_000;

    /// <summary>
    /// Chooses among <paramref name="tunnels"/>, leaving out those in <paramref name="tried"/>; suspect ones only when there is no other.
    /// </summary>
    internal static HubTunnel? Choose(IReadOnlyList<HubTunnel> tunnels, IReadOnlyList<HubTunnel> tried, Random random) =>
        Choose(tunnels, tunnel => tunnel.IsReady && !tunnel.IsSuspect && !tried.Contains(tunnel), random)
        ?? Choose(tunnels, tunnel => tunnel.IsReady && !tried.Contains(tunnel), random);

    private static HubTunnel? Choose(IReadOnlyList<HubTunnel> tunnels, Func<HubTunnel, bool> isCandidate, Random random)
    {
        var count = Count(tunnels, isCandidate);
        if (count <= 1)
        {
            return count == 0 ? null : Candidate(tunnels, isCandidate, 0);
        }

        var first = random.Next(count);
        var second = random.Next(count - 1);
        var a = Candidate(tunnels, isCandidate, first);
        var b = Candidate(tunnels, isCandidate, second >= first ? second + 1 : second);
        return Cost(a) <= Cost(b) ? a : b;
    }

    private static long Cost(HubTunnel tunnel) => (tunnel.StreamCount + tunnel.SessionCount + 1L) * Math.Max(RoundTripFloor, tunnel.RoundTrip);

    private static int Count(IReadOnlyList<HubTunnel> tunnels, Func<HubTunnel, bool> isCandidate)
    {
        var count = 0;
        for (var i = 0; i < tunnels.Count; i++)
        {
            count += isCandidate(tunnels[i]) ? 1 : 0;
        }

        return count;
    }

    private static HubTunnel Candidate(IReadOnlyList<HubTunnel> tunnels, Func<HubTunnel, bool> isCandidate, int index)
    {
        for (var i = 0; ; i++)
        {
            if (isCandidate(tunnels[i]) && index-- == 0)
            {
                return tunnels[i];
            }
        }
    }
}
