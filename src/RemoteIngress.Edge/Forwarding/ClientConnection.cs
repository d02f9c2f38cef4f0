using System.Net;
using RemoteIngress.Edge.Listeners;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Relay;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Edge.Forwarding;

/// <summary>
/// One client of a public port. Until the hub's OPENED it is a <see cref="Placement"/> that can still move to another tunnel by the rules
/// of docs/protocol.md; after it, it is nothing but a socket tied to a stream.
/// </summary>
internal sealed class ClientConnection : SocketPeer
{
    private readonly IClientOwner _owner;
    private readonly PortListener _listener;
    private Placement? _placement;

    internal ClientConnection(
        EventLoop loop,
        IClientOwner owner,
        PortListener listener,
        IPEndPoint remote,
        IPEndPoint local,
        bool isConfirmed)
        : base(loop)
    {
        _owner = owner;
        _listener = listener;
        _placement = new Placement(this, remote, local, isConfirmed);
    }

    /// <summary>Waits for a tunnel.</summary>
    internal bool IsHeld => _placement is { Tunnel: null };

    /// <summary>When waiting ends, in microseconds of the loop's clock; set when it is held for the first time.</summary>
    internal long? HeldUntil { get; set; }

    internal void Start(TcpSocket socket)
    {
        socket.SetNoDelay();
        socket.SetKeepAlive();
        Attach(socket, isConnected: true);
        Place();
    }

    /// <summary>Gives the connection to a tunnel, or has it held until there is one.</summary>
    internal void Place()
    {
        if (IsReleased || _placement is not { } placement)
        {
            return;
        }

        var isFull = false;
        while (_owner.Choose(placement.Tried) is { } tunnel)
        {
            if (placement.TryOpen(tunnel, out var stream))
            {
                if (placement.Refusal is not null)
                {
                    _owner.OnMoved();
                }

                AttachStream(stream!);
                if (placement.FirstFlight.HasReplay)
                {
                    stream!.Readable();
                }

                return;
            }

            if (tunnel.IsReady)
            {
                isFull = true;
                _owner.OnTunnelFull();
            }
        }

        if (placement.Tried.Count > 0 && _owner.IsAnyTunnelReady)
        {
            // Every hub that is up was asked: the last refusal is the answer.
            Abort(placement.Refusal ?? (isFull ? StreamEndReason.LimitReached : StreamEndReason.NoTunnel));
            return;
        }

        placement.Tried.Clear();
        _owner.Hold(this);
    }

    /// <summary>No tunnel came in time: the client gets a clean end rather than an RST.</summary>
    internal void EndUnserved()
    {
        CloseCleanly(StreamEndReason.NoTunnel);
    }

    public override PullResult Pull(Span<byte> buffer)
    {
        if (_placement is not { } placement)
        {
            return base.Pull(buffer);
        }

        if (placement.WaitsForOpened)
        {
            return new PullResult(0, PullState.Empty);
        }

        if (placement.FirstFlight.HasReplay)
        {
            return new PullResult(placement.FirstFlight.Replay(buffer), PullState.More);
        }

        var result = base.Pull(buffer);
        placement.FirstFlight.Record(buffer[..result.Count]);
        return result;
    }

    public override void OnOpened()
    {
        var waited = _placement is { WaitsForOpened: true };
        EndPlacement();
        if (waited)
        {
            Stream?.Readable();
        }
    }

    public override void OnReset(StreamEndReason reason)
    {
        if (_placement is { } placement && (reason.IsMovable() || reason == StreamEndReason.TunnelLost) && placement.CanMove)
        {
            ForgetStream();
            Move(reason);
            return;
        }

        base.OnReset(reason);
    }

    /// <summary>OPENED is overdue: the tunnel is suspect, and the connection moves if there is another and it may.</summary>
    internal void OnOverdue()
    {
        if (IsReleased || _placement is not { Tunnel: { } tunnel } placement)
        {
            return;
        }

        tunnel.Suspect();
        if (placement.CanMove && _owner.Choose([.. placement.Tried, tunnel]) is not null)
        {
            DetachStream(StreamEndReason.MovedAway);
            Move(StreamEndReason.OpenOverdue);
            return;
        }

        placement.AwaitOpened();
    }

    protected override void OnReleased(StreamEndReason reason)
    {
        EndPlacement();
        _listener.Remove(this);
        _owner.OnEnded(this, reason);
    }

    private void Move(StreamEndReason refusal)
    {
        _placement!.Leave(refusal);
        RewindEnd();
        Place();
    }

    private void EndPlacement()
    {
        _placement?.End();
        _placement = null;
    }
}
