using System.Net;
using RemoteIngress.Edge.Diagnostics;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>
/// Keeps one tunnel of this loop to one hub: dials, and dials again for ever. A draining tunnel stays until its streams have ended while
/// the link already tries for the next.
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

    internal TunnelState State =>
        _current is null ? TunnelState.Waiting : _current.IsReady ? TunnelState.Ready : TunnelState.Connecting;

    /// <summary>Resolves the hub's name, then connects to one of its addresses, another one each time.</summary>
    internal void Dial()
    {
        if (!_isStopped && _current is null)
        {
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

    /// <summary>How the tunnels and attempts of this link ended so far, by reason.</summary>
    internal IReadOnlyList<long> Ends => [.. _history.Ends];

    void ITunnelOwner.OnReady(HubTunnel tunnel)
    {
        _readyAt = _loop.Now;
        _pool.OnReady(tunnel);
    }

    void ITunnelOwner.OnConfig(HubTunnel tunnel, byte[] payload) => _pool.OnConfig(tunnel, payload);

    void ITunnelOwner.OnDraining(HubTunnel tunnel, string reason)
    {
        _pool.OnDraining(tunnel, reason);
        if (tunnel == _current)
        {
            _current = null;
            _backoff.Reset();
            Redial(isRefused: false, TimeSpan.Zero);
        }
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

        _pool.OnClosed(tunnel, reason, new TunnelDown(_hub, tunnel.HubId, reason, detail, delay));
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
        var identity = _pool.Identity with { Attempt = _pool.Identity.Attempt + ++_history.Attempt };
        if (tunnel.Connect(new IPEndPoint(address, _hub.Port), identity, _pool.Options))
        {
            _pool.OnSocketOpened();
        }
    }

    private TimeSpan Redial(bool isRefused, TimeSpan retryAfter)
    {
        if (_isStopped)
        {
            return TimeSpan.Zero;
        }

        var delay = _backoff.Next(_loop.Now, isRefused, retryAfter);
        _loop.ArmIn(_redial, delay);
        return delay;
    }
}
