using RemoteIngress.Edge.Configuration;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Edge.Limits;
using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Status;

/// <summary>Puts together what the loops know.</summary>
internal sealed class StatusCollector(
    IReadOnlyList<EdgeLoop> loops,
    IReadOnlyList<EventLoop> eventLoops,
    SnapshotApplier snapshots,
    PacketFilter firewall,
    OpenFiles files,
    int udpReceiveBuffer)
{
    private readonly LoopDatagramTotals _udp = new(eventLoops);

    internal async Task<EdgeStatus> CollectAsync()
    {
        var links = new List<LinkStatus>();
        foreach (var loop in loops)
        {
            try
            {
                links.AddRange(await loop.Loop.InvokeAsync(loop.Pool.Status));
            }
            catch (ObjectDisposedException) when (loop.Loop.Ended.IsFaulted)
            {
                // It died a moment ago, and has no tunnels until there is another one in its place.
            }
        }

        var applied = snapshots.Applied;
        return new EdgeStatus
        {
            Running = true,
            Connected = links.Any(link => link.State == TunnelState.Ready),
            ActiveStreams = loops.Sum(loop => loop.Counters.Active),
            ActiveUdpSessions = _udp.Sum(counts => counts.Sessions),
            ListenPorts = Ports(applied, "tcp"),
            ListenPortsUdp = Ports(applied, "udp"),
            FailedPorts = [.. applied.Results.Where(result => !result.Ok).Select(result => new FailedPort(result.Port, result.Protocol, result.Error!))],
            Generation = applied.Generation,
            Tunnels = [.. links.GroupBy(link => link.Hub).Select(Summarize)],
            Firewall = firewall.Status,
            Connections = Count(),
            Limits = LimitsMet(loops),
            Udp = Udp(),
            Descriptors = new EdgeDescriptorStatus(files.Limit, files.Reserved, files.Count()),
        };
    }

    private static IReadOnlyList<int> Ports(AppliedSnapshot applied, string protocol) =>
        [.. applied.Results.Where(result => result.Ok && result.Protocol == protocol).Select(result => result.Port)];

    private EdgeUdpStatus Udp() => new()
    {
        SessionsOpened = _udp.Sum(counts => counts.Opened),
        SessionsMoved = _udp.Sum(counts => counts.Moved),
        SessionsEnded = _udp.Ends(),
        Datagrams = _udp.Passed(),
        Dropped = _udp.Drops(),
        ReceiveBufferWanted = udpReceiveBuffer,
        ReceiveBuffer = loops.Min(loop => loop.ReceiveBuffer),
    };

    private static EdgeTunnelStatus Summarize(IGrouping<Protocol.Tokens.HubAddress, LinkStatus> links)
    {
        var measured = links.Where(link => link.RoundTrip > 0).Select(link => link.RoundTrip / 1000.0).ToArray();
        return new EdgeTunnelStatus
        {
            Hub = links.Key.ToString(),
            HubId = links.Select(link => link.HubId).FirstOrDefault(id => id is not null),
            State = links.Max(link => link.State).ToString().ToLowerInvariant(),
            RttMs = measured.Length == 0 ? null : Math.Round(measured.Min(), 3),
            ActiveStreams = links.Sum(link => link.Streams),
            Connections = links.Count(link => link.IsTunnel),
            Ended = Enum.GetValues<TunnelEndReason>()
                .Select(reason => (Tag: reason.MetricTag(), Count: links.Sum(link => link.Ends.ElementAtOrDefault((int)reason))))
                .Where(entry => entry.Count > 0)
                .ToDictionary(entry => entry.Tag, entry => entry.Count),
        };
    }

    private EdgeConnectionCounts Count() => new()
    {
        Accepted = loops.Sum(loop => loop.Counters.Accepted),
        Moved = loops.Sum(loop => loop.Counters.Moved),
        Refused = ByReason((loop, reason) => loop.Counters.Refused(reason)),
        Ended = ByReason((loop, reason) => loop.Counters.Ended(reason)),
    };

    /// <summary>How often each bound was met, by the option that moves it; those that were not are left out. Any thread may ask.</summary>
    internal static Dictionary<string, long> LimitsMet(IReadOnlyList<EdgeLoop> loops) =>
        Enum.GetValues<EdgeLimit>()
            .Select(limit => (Tag: EdgeLimits.Tag(limit), Count: loops.Sum(loop => loop.Counters.LimitHits(limit))))
            .Where(entry => entry.Count > 0)
            .ToDictionary(entry => entry.Tag, entry => entry.Count);

    private Dictionary<string, long> ByReason(Func<EdgeLoop, StreamEndReason, long> count) =>
        Enum.GetValues<StreamEndReason>()
            .Select(reason => (Tag: reason.MetricTag(), Count: loops.Sum(loop => count(loop, reason))))
            .Where(entry => entry.Count > 0)
            .ToDictionary(entry => entry.Tag, entry => entry.Count);
}
