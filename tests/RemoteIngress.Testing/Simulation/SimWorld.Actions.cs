using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Testing.Simulation;

internal sealed partial class SimWorld
{
    private void Act()
    {
        switch (Random.Next(100))
        {
            case < 25:
                Connect();
                break;
            case < 60:
                WithPeer(Send);
                break;
            case < 66:
                WithPeer(peer => Send(peer, 0, end: true));
                break;
            case < 70:
                WithPeer(Reset);
                break;
            case < 80:
                WithPeer(Stall);
                break;
            case < 84:
                WithReady(Reconfigure);
                break;
            case < 87:
                WithReady(Inject);
                break;
            case < 88:
                WithReady(Crowd);
                break;
            case < 91:
                WithTunnel(StallNetwork);
                break;
            default:
                Disturb();
                break;
        }
    }

    // What ends tunnels, or may.
    private void Disturb()
    {
        switch (Random.Next(12))
        {
            case 0 or 1:
                Drain();
                break;
            case 2:
                KillProcess();
                break;
            case 3 or 4:
                WithTunnel(Cut);
                break;
            case 5:
                WithTunnel(Swallow);
                break;
            case 6:
                Suspend();
                break;
            case 7 or 8:
                WithTunnel(CloseEnd);
                break;
            case 9:
                WithReady(tunnel => (_context.Chance(2) ? tunnel.Edge : tunnel.Hub).Core.Probe());
                break;
            default:
                Jump();
                break;
        }
    }

    private void Connect()
    {
        for (var count = _context.Chance(4) ? Random.Next(1, 8) : 1; count > 0; count--)
        {
            WithReady(tunnel => Connect(tunnel));
        }
    }

    private SimConnection? Connect(SimTunnel tunnel)
    {
        if (!_connects || tunnel.Connect(_connections + 1) is not { } connection)
        {
            return null;
        }

        _connections++;
        _context.Note($"connect client {connection.Number} on tunnel {tunnel.Number}");
        if (_context.Chance(3))
        {
            // as an edge does that moves a client to another tunnel, at once
            connection.WhenReset = () => WithReady(tunnel => Connect(tunnel));
        }

        if (_context.Chance(2))
        {
            Send(connection.Client);
        }

        return connection;
    }

    // Clients that push, all at once, at targets that do not take it: a tunnel's budget is for them.
    private void Crowd(SimTunnel tunnel)
    {
        _context.Note($"a crowd comes to tunnel {tunnel.Number}");
        for (var count = Random.Next(10, 60); count > 0; count--)
        {
            if (Connect(tunnel) is { } connection)
            {
                connection.HasStalledTarget = !_context.Chance(4);
                Send(connection.Client, Random.Next(300_000), end: _context.Chance(2));
            }
        }
    }

    private void Send(SimPeer peer)
    {
        var count = Random.Next(10) switch { 0 => Random.Next(2_000_000), < 4 => Random.Next(100_000), _ => Random.Next(2_000) };
        Send(peer, count, end: _context.Chance(6));
    }

    private void Send(SimPeer peer, int count, bool end)
    {
        _context.Note($"{peer} sends {count:N0}{(end ? " and ends" : "")}");
        peer.Send(count, end);
    }

    private void Reset(SimPeer peer)
    {
        if (_context.Chance(2))
        {
            _context.Note($"{peer} will fail when it is called");
            peer.FailsNext = true;
            return;
        }

        _context.Note($"{peer} resets");
        peer.Reset(_context.Chance(2) ? StreamEndReason.PeerReset : StreamEndReason.IdleTimeout);
    }

    private void Stall(SimPeer peer)
    {
        var stalls = _context.Chance(2);
        _context.Note($"{peer} {(stalls ? "stalls" : "reads on")}");
        peer.SetStalled(stalls, Now);
    }

    private void Reconfigure(SimTunnel tunnel)
    {
        if (tunnel.Hub.IsReady)
        {
            var (ports, times) = (_context.Chance(20) ? 20_000 : Random.Next(10), Random.Next(1, 4));
            _context.Note($"reconfigure tunnel {tunnel.Number} with {ports} ports of no interest, {times} times");
            for (; times > 0 && tunnel.Hub.IsReady; times--)
            {
                tunnel.Reconfigure(ports);
                RunFor(Random.Next(500));
            }
        }
    }

    private void Inject(SimTunnel tunnel)
    {
        var isToHub = _context.Chance(2);
        var (from, to, pipe) = isToHub ? (tunnel.Edge, tunnel.Hub, tunnel.ToHub) : (tunnel.Hub, tunnel.Edge, tunnel.ToEdge);
        var isLegal = !_context.Chance(4);
        var frame = isLegal ? SimAttack.Unknown(Random) : SimAttack.Illegal(Random, isToHub ? PeerRole.Edge : PeerRole.Hub);
        if (!from.IsReady || !from.IsBetweenFrames || pipe.Room < frame.Length || pipe.IsCut || to.IsGone)
        {
            return;
        }

        _context.Note($"inject {(isLegal ? "an unknown" : "an illegal")} frame into tunnel {tunnel.Number}, {(isToHub ? "to the hub" : "to the edge")}");
        pipe.Write(frame, Now);
        to.PoisonedAt = isLegal ? to.PoisonedAt : Math.Min(to.PoisonedAt, pipe.Written);
    }

    private void StallNetwork(SimTunnel tunnel)
    {
        var duration = _context.Chance(5) ? Random.Next(25_000_000) : Random.Next(2_000_000);
        _context.Note($"tunnel {tunnel.Number} stalls for {duration:N0} us");
        tunnel.IsImpaired |= duration > 4_000_000;
        (_context.Chance(2) ? tunnel.ToEdge : tunnel.ToHub).Stall(Now + duration);
    }

    private void Drain()
    {
        var hub = Pick(_slots).Hub;
        _context.Note($"drain hub {hub}");
        foreach (var slot in _slots.Where(slot => slot.Hub == hub && slot.Tunnel is { Hub.IsGone: false }))
        {
            var end = slot.Tunnel!.Hub;
            if (end.Core.IsAuthenticated)
            {
                end.Core.Drain("draining");
            }
            else
            {
                end.Close(TunnelEndReason.Draining);
            }
        }
    }

    private void KillProcess()
    {
        foreach (var end in EndsOfAProcess("kill"))
        {
            end.Kill();
            end.BuryPeers();
        }
    }

    private void Suspend()
    {
        var duration = _context.Chance(2) ? Random.Next(30_000_000) : Random.Next(4_000_000);
        foreach (var end in EndsOfAProcess($"suspend for {duration:N0} us"))
        {
            end.SuspendedUntil = Now + duration;
        }

        foreach (var tunnel in Tunnels)
        {
            tunnel.IsImpaired = true;
        }
    }

    private List<SimEnd> EndsOfAProcess(string what)
    {
        var chosen = Pick(_slots);
        var isEdge = _context.Chance(2);
        _context.Note($"{what}: {(isEdge ? $"edge {chosen.Edge}" : $"hub {chosen.Hub}")}");
        return [.. _slots.Where(slot => slot.Tunnel is not null && (isEdge ? slot.Edge == chosen.Edge : slot.Hub == chosen.Hub))
            .Select(slot => isEdge ? slot.Tunnel!.Edge : slot.Tunnel!.Hub)];
    }

    private void Cut(SimTunnel tunnel)
    {
        _context.Note($"cut tunnel {tunnel.Number}");
        tunnel.ToEdge.Cut(Now);
        tunnel.ToHub.Cut(Now);
    }

    private void Swallow(SimTunnel tunnel)
    {
        _context.Note($"tunnel {tunnel.Number} goes dark");
        tunnel.Swallow();
    }

    private void CloseEnd(SimTunnel tunnel)
    {
        var (end, reason) = _context.Chance(2)
            ? (tunnel.Edge, TunnelEndReason.HubRemoved)
            : (tunnel.Hub, Random.Next(3) switch { 0 => TunnelEndReason.EdgeRemoved, 1 => TunnelEndReason.Replaced, _ => TunnelEndReason.Shutdown });
        _context.Note($"close {end}: {reason}");
        if (!end.IsGone)
        {
            end.Close(reason);
        }
    }

    private void Jump()
    {
        var duration = Random.Next(60_000_000);
        _context.Note($"the clock jumps by {duration:N0} us");
        _context.Now += duration;
        foreach (var tunnel in Tunnels)
        {
            tunnel.OnClockJump();
        }
    }

    private void WithPeer(Action<SimPeer> action)
    {
        var peers = Tunnels.SelectMany(tunnel => tunnel.Connections)
            .SelectMany(connection => new[] { connection.Client, connection.Target })
            .Where(peer => peer is { IsOver: false }).ToList();
        if (peers.Count > 0)
        {
            action(Pick(peers)!);
        }
    }

    private void WithReady(Action<SimTunnel> action)
    {
        var ready = _slots.Where(slot => slot.Ready is not null).Select(slot => slot.Ready!).ToList();
        if (ready.Count > 0)
        {
            action(Pick(ready));
        }
    }

    private void WithTunnel(Action<SimTunnel> action)
    {
        var tunnels = Tunnels.ToList();
        if (tunnels.Count > 0)
        {
            action(Pick(tunnels));
        }
    }

    private T Pick<T>(List<T> items) => items[Random.Next(items.Count)];
}
