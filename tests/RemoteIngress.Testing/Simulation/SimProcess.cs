using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux.FlowControl;
using RemoteIngress.Transport.Tunnels;
using static RemoteIngress.Testing.Simulation.InvariantException;

namespace RemoteIngress.Testing.Simulation;

/// <summary>An edge or a hub with one loop: what its tunnels share.</summary>
internal sealed class SimProcess
{
    private readonly SimContext _context;
    private int _sweeps;

    internal SimProcess(SimContext context)
    {
        _context = context;
        var random = context.Random;
        var buffers = new BufferLimits
        {
            TunnelBytes = random.Next(4) switch { 0 => FrameLimits.MinBuffer, 1 => random.Next(1024 * 1024, 8 * 1024 * 1024), _ => FrameLimits.DefaultBuffer },
            ProcessBytes = 1,
        };
        Options = new TunnelOptions { MaxStreams = random.Next(4) switch { 0 => 2, 1 => 6, _ => 65_536 }, Buffers = buffers };
        Holdings = new LoopHoldings(buffers, loops: 1) { WantsSweep = () => SweepsAt = context.Now + (long)LoopHoldings.SweepInterval.TotalMicroseconds };
    }

    internal TunnelOptions Options { get; }

    internal LoopHoldings Holdings { get; }

    internal long SweepsAt { get; private set; } = long.MaxValue;

    internal bool Turn()
    {
        if (_context.Now < SweepsAt)
        {
            return false;
        }

        _sweeps++;
        Holdings.Sweep(_context.Now);
        SweepsAt = Holdings.IsEmpty ? long.MaxValue : _context.Now + (long)LoopHoldings.SweepInterval.TotalMicroseconds;
        return true;
    }

    internal void Check()
    {
        Require(Holdings.Held <= Holdings.Bound, $"{Holdings.Held} bytes are held where {Holdings.Bound} may be");
        Require(Holdings.IsEmpty == (Holdings.Held == 0), $"{Holdings.Held} bytes are held by nobody");
        Require(_sweeps <= 4 + (_context.Now / 1_000_000), $"{_sweeps} sweeps in {_context.Now} us");
    }
}
