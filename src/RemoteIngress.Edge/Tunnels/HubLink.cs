using System.Net;
using RemoteIngress.Edge.Diagnostics;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>
/// Keeps one tunnel of this loop to one hub: dials, and dials again for ever. A draining tunnel stays until its streams have ended while
/// the link already tries for the next. A link to a hub that has a tunnel under another name stands by.
/// </summary>
internal sealed class HubLink : ITunnelOwner
{
    // A hub that breaks the protocol right after every WELCOME must not be dialled again and again at the pace of a young outage.
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    private readonly LaneHistory.LinkHistory _history;
    private readonly HubAddress _hub;
    private readonly EventLoop _loop;
    private readonly TunnelPool _pool;
    private readonly ReconnectBackoff _backoff;
    private readonly LoopTimer _redial;
    private HubTunnel? _current;
    private int _nextAddress;
    private long _readyAt;
    private bool _isStopped;

    internal HubLink(HubAddress hub, EventLoop loop, TunnelPool pool, Random random)
    {
        _hub = hub;
        _loop = loop;
        _pool = pool;
        _history = pool.History.Of(hub);
        _backoff = new ReconnectBackoff(random);
        _redial = new LoopTimer(Dial);
    }

    internal HubAddress Hub => _hub;

    /// <summary>What the hub called itself last; null before it did.</summary>
    internal string? HubId { get; private set; }

    /// <summary>It has not dialled yet.</summary>
    internal bool IsNew { get; private set; } = true;

    /// <summary>The lower, the sooner it keeps its tunnel where another link leads to the same hub.</summary>
    internal int Rank { get; set; }

    /// <summary>Its hub has a tunnel under another name.</summary>
    internal bool IsStandby { get; private set; }

    internal TunnelState State =>
        IsStandby ? TunnelState.Standby : _current is null ? TunnelState.Waiting : _current.IsReady ? TunnelState.Ready : TunnelState.Connecting;

    /// <summary>Resolves the hub's name, then connects to one of its addresses, another one each time.</summary>
    internal void Dial()
    {
        if (!_isStopped && !IsStandby && _current is null)
        {
            IsNew = false;
            _current = new HubTunnel(_hub, _loop, this);
            _pool.Resolve(_hub, (addresses, error) => Connect(addresses, error));
        }
    }

    /// <summary>Closes the tunnel and dials no more.</summary>
    internal void Stop(TunnelEndReason reason)
    {
        _isStopped = true;
        _loop.Cancel(_redial);
        _current?.Close(reason, "this edge stops");
    }

    /// <summary>Dials no more; streams that are open go on to their end.</summary>
    internal void Retire()
    {
        _isStopped = true;
        _loop.Cancel(_redial);
        if (_current is { IsReady: true } tunnel)
        {
            tunnel.Leave(TunnelEndReason.HubRemoved);
        }
        else
        {
            _current?.Close(TunnelEndReason.HubRemoved, TunnelEndReason.HubRemoved.Describe());
        }
    }

    /// <summary>Another link keeps the tunnel to this hub: dials no more until <see cref="Resume"/>.</summary>
    internal void StandBy()
    {
        IsStandby = true;
        _current!.Leave(TunnelEndReason.Replaced);
    }

    /// <summary>The other link's tunnel is gone.</summary>
    internal void Resume()
    {
        IsStandby = false;
        Dial();
    }

    /// <summary>New connections to this hub go through this link.</summary>
    internal bool Carries(string hubId) => _current is { IsReady: true } tunnel && tunnel.HubId == hubId;

    /// <summary>How the tunnels and attempts of this link ended so far, by reason.</summary>
    internal IReadOnlyList<long> Ends => [.. _history.Ends];

    void ITunnelOwner.OnReady(HubTunnel tunnel, Welcome welcome)
    {
        _readyAt = _loop.Now;
        HubId = tunnel.HubId;
        _pool.OnReady(this, tunnel, welcome);
    }

    void ITunnelOwner.OnConfig(HubTunnel tunnel, byte[] payload) => _pool.OnConfig(tunnel, payload);

    void ITunnelOwner.OnDraining(HubTunnel tunnel, string reason)
    {
        if (tunnel == _current)
        {
            _current = null;
            _pool.History.Renew(_history);
            _backoff.Reset();
            Redial(isRefused: false, TimeSpan.Zero);
        }

        _pool.OnDraining(tunnel, reason);
    }

    void ITunnelOwner.OnClosed(HubTunnel tunnel, TunnelEndReason reason, string detail)
    {
        var delay = TimeSpan.Zero;
        if (tunnel == _current)
        {
            _current = null;
            if (tunnel.HubId is not null && (reason != TunnelEndReason.ProtocolError || _loop.Now - _readyAt >= (long)Settled.TotalMicroseconds))
            {
                _backoff.Reset();
            }

            delay = Redial(reason is TunnelEndReason.BadCredentials or TunnelEndReason.BadHubProof or TunnelEndReason.VersionMismatch, tunnel.RetryAfter);
        }

        _pool.OnClosed(tunnel, reason, new TunnelDown(_hub, tunnel.IsTaken ? tunnel.HubId : null, reason, detail, delay));
    }

    void ITunnelOwner.OnReleased() => _pool.OnSocketClosed();

    private void Connect(IReadOnlyList<IPAddress> addresses, string error)
    {
        if (_isStopped || _current is not { } tunnel)
        {
            return;
        }

        if (addresses.Count == 0)
        {
            ((ITunnelOwner)this).OnClosed(tunnel, TunnelEndReason.ConnectFailed, error);
            return;
        }

        var address = addresses[_nextAddress++ % addresses.Count];
        var identity = _pool.Identity with { Lane = _history.Lane(_loop.Index), Attempt = _pool.Identity.Attempt + ++_history.Attempt };
        if (tunnel.Connect(new IPEndPoint(address, _hub.Port), identity, _pool.Options))
        {
            _pool.OnSocketOpened();
        }
    }

    private TimeSpan Redial(bool isRefused, TimeSpan retryAfter)
    {
        if (_isStopped || IsStandby)
        {
            return TimeSpan.Zero;
        }

        var delay = _backoff.Next(_loop.Now, isRefused, retryAfter);
        _loop.ArmIn(_redial, delay);
        return delay;
    }
}
