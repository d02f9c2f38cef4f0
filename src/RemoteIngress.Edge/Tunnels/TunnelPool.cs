using System.Net;
using RemoteIngress.Edge.Diagnostics;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>All tunnels of one loop: one link for every known hub, and the choice among those that are up.</summary>
internal sealed class TunnelPool
{
    private readonly EventLoop _loop;
    private readonly Random _random;
    private readonly HubResolver _resolver;
    private readonly List<HubLink> _links = [];
    private readonly List<HubTunnel> _ready = [];
    private readonly List<HubTunnel> _draining = [];
    private TaskCompletionSource? _closed;
    private int _sockets;

    internal TunnelPool(
        EventLoop loop, EdgeIdentity identity, TunnelOptions options, HubResolver resolver, EdgeNotices notices, Random random, LaneHistory? history = null)
    {
        History = history ?? new LaneHistory();
        _loop = loop;
        _resolver = resolver;
        Notices = notices;
        _random = random;
        Identity = identity;
        Options = options;
    }

    /// <summary>A tunnel became ready: clients that were held can go.</summary>
    internal event Action? BecameReady;

    internal EdgeNotices Notices { get; }

    internal EdgeIdentity Identity { get; }

    internal TunnelOptions Options { get; }

    internal LaneHistory History { get; }

    /// <summary>A tunnel that is about to end is still listed while its clients are told, and counts no more.</summary>
    internal bool IsReady => _ready.Exists(tunnel => tunnel.IsReady);

    /// <summary>Tunnels that are up; any thread may read it.</summary>
    internal int Ready => _ready.Count;

    /// <summary>Tunnels and attempts at one that ended for this reason. Any thread may read it.</summary>
    internal long Ended(TunnelEndReason reason) => History.Ended(reason);

    /// <summary>
    /// Makes these, the preferred ones first, the hubs that there are tunnels to: dials those that are new, and leaves the others, whose open
    /// streams go on to their end.
    /// </summary>
    internal void Follow(IReadOnlyList<HubAddress> hubs)
    {
        if (_closed is not null)
        {
            return;
        }

        var before = _links.ToDictionary(static link => link.Hub);
        _links.Clear();
        for (var rank = 0; rank < hubs.Count; rank++)
        {
            if (!before.Remove(hubs[rank], out var link))
            {
                link = new HubLink(hubs[rank], _loop, this, _random);
            }

            link.Rank = rank;
            _links.Add(link);
        }

        foreach (var left in before.Values)
        {
            left.Retire();
            History.Forget(left.Hub);
            Notices.Add(new HubLeft(left.Hub));
        }

        foreach (var link in _links.Where(static link => link.IsNew).ToArray())
        {
            link.Dial();
        }
    }

    /// <summary>The tunnel for a new connection; null while none (but those already tried) is up.</summary>
    internal HubTunnel? Choose(IReadOnlyList<HubTunnel> tried) => TunnelChooser.Choose(_ready, tried, _random);

    internal void Resolve(HubAddress hub, Action<IReadOnlyList<IPAddress>, string> callback) => _resolver.Resolve(hub, _loop, callback);

    /// <summary>Sends to a tunnel of this loop: the one given while it lives, else any other.</summary>
    internal bool TrySend(HubTunnel? preferred, FrameType type, byte[] payload)
    {
        var tunnel = preferred is { IsReady: true } && _ready.Contains(preferred) ? preferred : _ready.FirstOrDefault(t => t.IsReady);
        tunnel?.Send(type, payload);
        return tunnel is not null;
    }

    /// <summary>Sends to every hub that has a tunnel here and is not in <paramref name="told"/> yet, over one tunnel each.</summary>
    internal bool SendToEachHub(FrameType type, byte[] payload, ISet<HubAddress> told)
    {
        // A copy: a tunnel whose peer does not read may end by one frame more, and leaves the list then.
        foreach (var tunnel in _ready.ToArray().Where(tunnel => tunnel.IsReady && told.Add(tunnel.Hub)))
        {
            tunnel.Send(type, payload);
        }

        return told.Count > 0;
    }

    /// <summary>Closes everything for good; streams still open end. The task ends when no socket of a tunnel is left.</summary>
    internal Task Stop(TunnelEndReason reason)
    {
        _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var link in _links)
        {
            link.Stop(reason);
        }

        foreach (var tunnel in _draining.ToArray())
        {
            tunnel.Close(reason, "this edge stops");
        }

        CompleteWhenClosed();
        return _closed.Task;
    }

    /// <summary>The loop died, and with it every tunnel. Once, after the end of its thread.</summary>
    internal void Abandon()
    {
        foreach (var tunnel in _ready.Concat(_draining))
        {
            const TunnelEndReason Reason = TunnelEndReason.InternalError;
            History.AddEnd(tunnel.Hub, Reason);
            Notices.Hubs.OnDown(tunnel.HubId!);
            Notices.AddDown(new TunnelDown(tunnel.Hub, tunnel.HubId, Reason, Reason.Describe(), TimeSpan.Zero));
        }
    }

    internal IReadOnlyList<LinkStatus> Status() =>
        [.. _links.Select(link => new LinkStatus(link.Hub, link.State) { Ends = link.Ends, HubId = link.IsStandby ? link.HubId : null }), .. _ready.Concat(_draining).Select(LinkStatus.Of)];

    internal void OnReady(HubLink link, HubTunnel tunnel, Welcome welcome)
    {
        Notices.Hubs.OnUp(tunnel.Hub, welcome.HubId, welcome.Hubs, welcome.HubsVersion ?? 0);
        var other = _links.Find(other => other != link && other.Carries(welcome.HubId));
        if (other is not null && other.Rank < link.Rank)
        {
            StandBy(link, other);
            return;
        }

        tunnel.IsTaken = true;
        _ready.Add(tunnel);
        Notices.AddUp(tunnel.Hub, welcome.HubId);
        if (other is not null)
        {
            StandBy(other, link);
        }

        BecameReady?.Invoke();
    }

    internal void OnConfig(HubTunnel tunnel, byte[] payload) => Notices.AddConfig(new ConfigReceived(_loop.Index, tunnel, payload));

    internal void OnDraining(HubTunnel tunnel, string reason)
    {
        if (_ready.Remove(tunnel))
        {
            _draining.Add(tunnel);
            if (!tunnel.IsLeft)
            {
                Notices.Add(new TunnelDraining(tunnel.Hub, reason));
            }

            ResumeOthers(tunnel);
        }
    }

    internal void OnClosed(HubTunnel tunnel, TunnelEndReason reason, TunnelDown notice)
    {
        History.AddEnd(tunnel.Hub, reason);
        var carried = _ready.Remove(tunnel);
        _draining.Remove(tunnel);
        Notices.AddDown(notice);
        if (tunnel.HubId is { } hubId)
        {
            Notices.Hubs.OnDown(hubId);
        }

        if (carried)
        {
            ResumeOthers(tunnel);
        }
    }

    internal void OnSocketOpened() => _sockets++;

    internal void OnSocketClosed()
    {
        _sockets--;
        CompleteWhenClosed();
    }

    // Two tunnels of a loop to one hub would be twice the load for it and no help when it dies.
    private void StandBy(HubLink link, HubLink kept)
    {
        Notices.Add(new SecondName(link.Hub, kept.Hub, link.HubId!));
        link.StandBy();
    }

    // One of them gets the tunnel, the others are told again that they are second.
    private void ResumeOthers(HubTunnel gone)
    {
        if (_closed is null && !_links.Exists(link => link.Carries(gone.HubId!)))
        {
            foreach (var link in _links.Where(link => link.IsStandby && link.HubId == gone.HubId).ToArray())
            {
                link.Resume();
            }
        }
    }

    private void CompleteWhenClosed()
    {
        if (_sockets == 0)
        {
            _closed?.TrySetResult();
        }
    }
}
