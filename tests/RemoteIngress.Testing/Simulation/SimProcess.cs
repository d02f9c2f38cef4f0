using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux.FlowControl;
using RemoteIngress.Transport.Tunnels;
using static RemoteIngress.Testing.Simulation.InvariantException;

namespace RemoteIngress.Testing.Simulation;

/// <summary>An edge or a hub with one loop: what its tunnels share.</summary>
internal sealed class SimProcess
{
    /// <summary>Public ports are 1 to this.</summary>
    internal const int Ports = 6;

    private readonly SimContext _context;
    private HashSet<int> _ports = [];
    private int _sweeps;

    internal SimProcess(SimContext context)
    {
        _context = context;
        var random = context.Random;
        var buffers = new BufferLimits
        {
            TunnelBytes = random.Next(4) switch { 0 => FrameLimits.MinBuffer, 1 => random.Next(1024 * 1024, 8 * 1024 * 1024), _ => FrameLimits.DefaultBuffer },
            ProcessBytes = 1,
            StalledAfter = TimeSpan.FromSeconds(random.Next(1, 10)),
            LastBytesTimeout = TimeSpan.FromSeconds(random.Next(10, 60)),
        };
        Options = new TunnelOptions { MaxStreams = random.Next(4) switch { 0 => 2, 1 => 6, _ => 65_536 }, Buffers = buffers };
        Holdings = new LoopHoldings(buffers, loops: 1) { WantsSweep = () => SweepsAt = context.Now + (long)LoopHoldings.SweepInterval.TotalMicroseconds };
    }

    internal TunnelOptions Options { get; }

    internal LoopHoldings Holdings { get; }

    /// <summary>Edge: its tunnels, those that end included.</summary>
    internal List<SimTunnel> Tunnels { get; } = [];

    /// <summary>Edge: the configuration in force; the highest that ever came, whichever hub it came from.</summary>
    internal long Generation { get; private set; }

    internal long SweepsAt { get; private set; } = long.MaxValue;

    /// <summary>Edge: a port that clients can come to now; null when there is none.</summary>
    internal int? AnyPort() => _ports.Count == 0 ? null : _ports.Order().ElementAt(_context.Random.Next(_ports.Count));

    internal bool Listens(int port) => _ports.Contains(port);

    /// <summary>Edge: a snapshot came. Connections on ports that are no longer listened on end.</summary>
    internal void Apply(EdgeSnapshot snapshot)
    {
        if (snapshot.Generation > Generation)
        {
            Generation = snapshot.Generation;
            _ports = [.. snapshot.ListenPorts.Where(port => port <= Ports)];
            Tunnels.ForEach(tunnel => tunnel.CloseRemovedPorts());
        }
    }

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
