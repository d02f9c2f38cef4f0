using System.Net;
using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.ProxyProtocol;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux;

namespace RemoteIngress.Edge.Forwarding;

/// <summary>
/// The time of a client's connection between accept and OPENED: which tunnels were tried, what was sent, and when to worry. Gone after
/// that, so that an idle connection does not carry it.
/// </summary>
internal sealed class Placement
{
    private static readonly TimeSpan ShortestOverdue = TimeSpan.FromSeconds(1);

    private readonly ClientConnection _connection;
    private readonly IPEndPoint _remote;
    private readonly IPEndPoint _local;
    private readonly bool _isConfirmed;
    private readonly LoopTimer _overdue;

    internal Placement(ClientConnection connection, IPEndPoint remote, IPEndPoint local, bool isConfirmed)
    {
        _connection = connection;
        _remote = remote;
        _local = local;
        _isConfirmed = isConfirmed;
        _overdue = new LoopTimer(connection.OnOverdue);
        FirstFlight = new FirstFlight(connection.Loop.Usage);
    }

    internal HubTunnel? Tunnel { get; private set; }

    /// <summary>Why the last hub did not serve it: what the connection ends for when there is no other hub. Null before the first.</summary>
    internal StreamEndReason? Refusal { get; private set; }

    internal List<HubTunnel> Tried { get; } = [];

    internal FirstFlight FirstFlight { get; }

    /// <summary>Confirmed: the client's bytes stay in its socket until OPENED.</summary>
    internal bool WaitsForOpened => _isConfirmed;

    /// <summary>Nothing was sent that could take effect twice.</summary>
    internal bool CanMove => _isConfirmed || FirstFlight.IsRepeatable;

    internal bool TryOpen(HubTunnel tunnel, out MuxStream? stream)
    {
        Span<byte> line = stackalloc byte[ProxyV1.MaxLength];
        var length = ProxyV1.Write(line, _remote, _local);
        stream = tunnel.TryOpen(line[..length], _connection);
        if (stream is null)
        {
            Tried.Add(tunnel);
            return false;
        }

        Tunnel = tunnel;
        AwaitOpened();
        return true;
    }

    /// <summary>Starts (again) to worry about OPENED: after 1 s, or four round trips where those are longer.</summary>
    internal void AwaitOpened() =>
        _connection.Loop.Arm(_overdue, _connection.Loop.Now + Math.Max((long)ShortestOverdue.TotalMicroseconds, 4 * Tunnel!.RoundTrip));

    /// <summary>The tunnel was no good: what went there will be told again elsewhere.</summary>
    internal void Leave(StreamEndReason refusal)
    {
        Refusal = refusal;
        _connection.Loop.Cancel(_overdue);
        if (Tunnel is not null)
        {
            Tried.Add(Tunnel);
        }

        Tunnel = null;
        FirstFlight.Rewind();
    }

    /// <summary>OPENED came, or the connection is over.</summary>
    internal void End()
    {
        _connection.Loop.Cancel(_overdue);
        FirstFlight.Free();
    }
}
