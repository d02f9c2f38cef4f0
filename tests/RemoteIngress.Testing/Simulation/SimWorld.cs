using RemoteIngress.Protocol.EndReasons;
using static RemoteIngress.Testing.Simulation.InvariantException;

namespace RemoteIngress.Testing.Simulation;

/// <summary>
/// Edges, hubs, clients and targets in one thread, over a clock and a network that a seed decides. Everything the product's sans-I/O core
/// must never do is checked after every step; the same seed always does the same.
/// </summary>
internal sealed partial class SimWorld
{
    private const int MostTurnsAtOnce = 20_000;
    private readonly SimContext _context;
    private readonly List<SimSlot> _slots = [];
    private readonly List<SimProcess> _processes = [];
    private int _tunnels;
    private int _connections;
    private bool _dials = true;
    private bool _connects = true;

    private SimWorld(int seed)
    {
        _context = new SimContext(seed);
        var (edges, hubs, loops) = (Random.Next(1, 3), Random.Next(1, 3), Random.Next(1, 3));
        for (var i = 0; i < edges + hubs; i++)
        {
            _processes.Add(new SimProcess(_context));
        }

        for (var i = 0; i < edges * hubs * loops; i++)
        {
            _slots.Add(new SimSlot(i % edges, i / edges % hubs, _processes[i % edges], _processes[edges + (i / edges % hubs)]));
        }
    }

    private Random Random => _context.Random;

    private long Now => _context.Now;

    private IEnumerable<SimTunnel> Tunnels => _slots.Where(slot => slot.Tunnel is not null).Select(slot => slot.Tunnel!);

    /// <summary>Runs the program of one seed; throws with the seed and what was done last when something did not hold.</summary>
    internal static SimSummary Run(int seed)
    {
        var world = new SimWorld(seed);
        try
        {
            world.Live();
            world.Finish();
            return new SimSummary(world._tunnels, world._connections, world.Now, world._context.HasParked, world._context.HasGivenUp);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            var actions = string.Join('\n', world._context.Actions);
            throw new InvariantException($"seed {seed} at {world.Now:N0} us: {exception.Message}\nrun it again: REMOTEINGRESS_SIM_FIRST={seed} REMOTEINGRESS_SIM_SEEDS=1; once fixed, it belongs among the seeds of SimulationTests.Replay\n{actions}\n{exception.StackTrace}");
        }
    }

    private void Live()
    {
        var actions = Random.Next(20, 250);
        for (var i = 0; i < actions; i++)
        {
            Act();
            RunFor(Random.Next(4) switch { 0 => 0, 1 => Random.Next(1000), 2 => Random.Next(50_000), _ => Random.Next(1_000_000) });
        }
    }

    /// <summary>Moves the clock from event to event.</summary>
    private void RunFor(long duration)
    {
        var until = Now + duration;
        for (var turns = 0; ; turns++)
        {
            var before = Now;
            if (!Turn())
            {
                var next = Math.Min(_slots.Min(slot => slot.Tunnel?.NextEvent ?? slot.DialsAt), _processes.Min(process => process.SweepsAt));
                if (next > until)
                {
                    _context.Now = until;
                    return;
                }

                _context.Now = Math.Max(Now + 1, next);
            }

            turns = Now == before ? turns : 0;
            Require(turns < MostTurnsAtOnce, "the loops spin");
        }
    }

    private bool Turn()
    {
        var progressed = false;
        var first = Random.Next(_slots.Count);
        for (var i = 0; i < _slots.Count; i++)
        {
            var slot = _slots[(first + i) % _slots.Count];
            progressed |= slot.Tunnel?.Turn() ?? Dial(slot);
        }

        foreach (var process in _processes)
        {
            progressed |= process.Turn();
            process.Check();
        }

        foreach (var slot in _slots)
        {
            if (slot.Tunnel is { } tunnel)
            {
                tunnel.Check();
                Retire(slot, tunnel);
            }
        }

        return progressed;
    }

    private bool Dial(SimSlot slot)
    {
        if (!_dials || slot.DialsAt > Now)
        {
            slot.DialsAt = _dials ? slot.DialsAt : long.MaxValue;
            return false;
        }

        var kind = Random.Next(3) > 0 ? SimKind.Honest : (SimKind)Random.Next((int)SimKind.Hostile + 1);
        slot.Tunnel = new SimTunnel(_context, ++_tunnels, kind, slot);
        _context.Note($"dial tunnel {_tunnels} (edge {slot.Edge}, hub {slot.Hub}): {kind}");
        return true;
    }

    private void Retire(SimSlot slot, SimTunnel tunnel)
    {
        if (tunnel.IsOver && !tunnel.Connections.Any())
        {
            CheckRetired(tunnel.Edge);
            CheckRetired(tunnel.Hub);
            slot.EdgeProcess.Tunnels.Remove(tunnel);
            slot.Tunnel = null;
            slot.DialsAt = Now + Random.Next(2_000_000);
        }
    }

    private static void CheckRetired(SimEnd end)
    {
        var mux = end.Core.Mux;
        Require(mux.Opened == mux.Ended && mux.Sending.Outstanding == 0 && mux.Receiving.Outstanding == 0 && mux.Holdings.Held == 0 && mux.QueuedControl == 0, $"{end} left something behind");
        Require(end.Reason != TunnelEndReason.None, $"{end} ended without a reason");
    }

    private void Finish()
    {
        _context.Note("finish");
        _dials = false;
        foreach (var tunnel in Tunnels)
        {
            Heal(tunnel);
        }

        Settle("everything heals");
        _connects = false;
        foreach (var connection in Tunnels.SelectMany(tunnel => tunnel.Connections).ToList())
        {
            connection.Client.Send(0, end: true);
            connection.Target?.Send(0, end: true);
        }

        Settle("all ends are sent");
        Require(!Tunnels.SelectMany(tunnel => tunnel.Connections).Any(), "a connection that both sides ended lives on");
        foreach (var tunnel in Tunnels.ToList())
        {
            (_context.Chance(2) ? tunnel.Hub : tunnel.Edge).Close(TunnelEndReason.Shutdown);
        }

        Settle("everything is closed");
        Require(!Tunnels.Any(), "a closed tunnel lives on");
        Require(_processes.TrueForAll(process => process.Holdings.Held == 0), "bytes are held and nobody is left");
    }

    private void Settle(string when)
    {
        _context.Note(when);
        RunFor(30_000_000);
        for (var i = 0; Tunnels.Any(tunnel => !tunnel.IsAtRest); i++)
        {
            Require(i < 500, $"no rest after {when}: {string.Join(", ", Tunnels.Where(tunnel => !tunnel.IsAtRest).Select(tunnel => tunnel.Number))}");
            // never in step with the pings, which are under way for a moment each
            RunFor(Random.Next(3_000_000));
        }

        foreach (var tunnel in Tunnels)
        {
            tunnel.CheckAtRest();
        }
    }

    private static void Heal(SimTunnel tunnel)
    {
        tunnel.OnClockJump();
        tunnel.ToEdge.EndStall();
        tunnel.ToHub.EndStall();
        tunnel.Edge.SuspendedUntil = tunnel.Hub.SuspendedUntil = 0;
        foreach (var connection in tunnel.Connections)
        {
            connection.HasStalledTarget = false;
            connection.Client.SetStalled(false, 0);
            connection.Target?.SetStalled(false, 0);
        }
    }
}
