using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Testing.Transport;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Tunnels;
using static RemoteIngress.Testing.Simulation.InvariantException;

namespace RemoteIngress.Testing.Simulation;

/// <summary>One end of a tunnel, driven as the event loop drives it: read a portion, send a batch when the last one is gone, keep one timer.</summary>
internal sealed partial class SimEnd : ITunnelEvents
{
    // No honest peer makes a tunnel queue more than a few snapshots and window updates.
    private const int MostQueued = 1024 * 1024;
    private readonly SimContext _context;
    private readonly SimTunnel _tunnel;
    private readonly PeerRole _role;
    private readonly SimPipe _rx;
    private readonly SimPipe _tx;
    private readonly long _startedAt;
    private ReadOnlyMemory<byte> _unsent;
    private int _wakeUps;
    private int _streamsEnded;
    private long _closedAt;
    private int _lastWords;
    private bool _isBegun;
    private long _outstanding;
    private long _toReport;
    private long _held;

    internal SimEnd(SimContext context, SimTunnel tunnel, PeerRole role, SimPipe rx, SimPipe tx, SimProcess process)
    {
        (_context, _tunnel, _role, _rx, _tx, _startedAt) = (context, tunnel, role, rx, tx, context.Now);
        Sent = new FrameSpy(role, judges: true) { Seen = OnFrameSent };
        Core = new TunnelCore(role, process.Options, this, context.Now, process.Holdings);
    }

    internal TunnelCore Core { get; }

    /// <summary>Reads along what this end sent.</summary>
    internal FrameSpy Sent { get; }

    /// <summary>Reads along what reached this end.</summary>
    internal FrameSpy Heard { get; } = new(PeerRole.Edge, judges: false);

    /// <summary>Its process does not run before this time.</summary>
    internal long SuspendedUntil { get; set; }

    /// <summary>Its connection is closed, or its process is dead.</summary>
    internal bool IsGone { get; private set; }

    /// <summary>Closed by what its own process decided, not by what it heard.</summary>
    internal bool ClosedItself { get; private set; }

    /// <summary>Everything it had to say is in the pipe.</summary>
    internal bool HasSaidAll { get; private set; }

    internal TunnelEndReason Reason { get; private set; }

    internal bool IsReady => Core.IsAuthenticated && !Core.IsClosed && !IsGone;

    internal bool IsAtRest => IsGone || (IsReady && _unsent.Length == 0 && !Core.HasOutput);

    internal bool IsBetweenFrames => _unsent.Length == 0 && Sent.IsAtBoundary && !Core.HasOutput;

    /// <summary>Something illegal ends at this position of what it reads.</summary>
    internal long PoisonedAt { get; set; } = long.MaxValue;

    internal long NextEvent
    {
        get
        {
            if (IsGone)
            {
                return long.MaxValue;
            }

            var next = Core.IsClosed ? _closedAt + 1_000_000 : Math.Min(Core.NextDeadline, _rx.NextArrival);
            return Math.Max(next, SuspendedUntil);
        }
    }

    internal void Begin(IHandshake handshake)
    {
        _isBegun = true;
        Core.Begin(handshake, HandshakePair.Binding, _context.Now);
    }

    internal void Close(TunnelEndReason reason)
    {
        ClosedItself |= !Core.IsClosed;
        Core.Close(reason, "simulated");
        Require(Core.IsClosed, $"{this} was closed and is open");
    }

    /// <summary>Its process dies: of what it sent a part arrives.</summary>
    internal void Kill()
    {
        if (!IsGone)
        {
            Close(TunnelEndReason.Shutdown);
            IsGone = true;
            Core.Dispose();
            _tx.Cut(_context.Now);
            _rx.Cut(_context.Now);
        }
    }

    /// <summary>With the process went what its sockets kept.</summary>
    internal void BuryPeers()
    {
        foreach (var connection in _tunnel.Connections)
        {
            (_role == PeerRole.Edge ? connection.Client : connection.Target)?.Die();
        }
    }

    /// <summary>It leaves without a word and without cutting anything.</summary>
    internal void Abandon()
    {
        Close(TunnelEndReason.Shutdown);
        IsGone = true;
        Core.Dispose();
        _rx.Discard();
    }

    /// <summary>One turn of its loop. False when there was nothing to do.</summary>
    internal bool Turn()
    {
        if (IsGone || _context.Now < SuspendedUntil)
        {
            return false;
        }

        var timerFirst = _context.Chance(2);
        var progressed = (timerFirst && Tick()) | Read() | (!timerFirst && Tick()) | Send();
        return progressed | Leave();
    }

    internal void Check()
    {
        var mux = Core.Mux;
        Require(mux.StreamCount == mux.Opened - mux.Ended, $"{this}: {mux.Opened} created, {mux.Ended} ended, {mux.StreamCount} live");
        Require(mux.Ended == _streamsEnded, $"{this}: {mux.Ended} streams ended and {_streamsEnded} were told");
        Require(mux.StreamCount == mux.Windows.Streams, $"{this}: {mux.StreamCount} streams, {mux.Windows.Streams} windows");
        Require(!Core.IsClosed || mux.StreamCount == 0, $"{this} is closed and has streams");
        Require(Core.EndReason == Reason, $"{this} ended for {Reason}, later for {Core.EndReason}");
        Require(IsGone || mux.QueuedControl <= MostQueued, $"{this}: {mux.QueuedControl} bytes of control frames wait");
        var seconds = (_context.Now - _startedAt) / 1_000_000;
        Require(_wakeUps <= 4 + seconds, $"{this}: {_wakeUps} wake-ups in {seconds} s");
    }

    /// <summary>This end's accounts of <paramref name="stream"/> against what passed by.</summary>
    internal void CheckAccounts(MuxStream stream, SimPeer peer)
    {
        Require(stream.Held == peer.Unread, $"{peer} keeps {peer.Unread}, counted are {stream.Held}");
        _held += peer.Unread;
        if (stream.IsEnded)
        {
            return;
        }

        var (sent, heard) = (Sent.Of(stream.Id), Heard.Of(stream.Id));
        Require(stream.Outstanding == sent.Announced - heard.Consumed && stream.SendWindow == heard.Window, $"{peer}: {stream.Outstanding} outstanding of {stream.SendWindow} after {sent.Announced} sent, {heard.Consumed} consumed and a window of {heard.Window}");
        _outstanding += stream.Outstanding;
        var window = stream.ReceiveWindow;
        _toReport += window.Outstanding;
        var open = sent.Limit - heard.Announced;
        Require(Core.Mux.QueuedControl > 0 ? window.Open >= open : window.Open == open, $"{peer}: takes {window.Open} more and told the sender {open}");
        Require(window.Outstanding == heard.Announced - heard.Passed + peer.Unread + window.Unreported, $"{peer}: {window.Outstanding} not reported, with {peer.Unread} unread and {window.Unreported} to report");
        Require(window.Size <= FrameLimits.MaxWindow && window.Unreported < window.Size / 4, $"{peer}: {window.Unreported} unreported in a window of {window.Size}");
    }

    /// <summary>The tunnel's sums against what <see cref="CheckAccounts"/> saw since the last call.</summary>
    internal void CheckSums()
    {
        var mux = Core.Mux;
        Require(mux.Sending.Outstanding == _outstanding && _outstanding <= mux.Sending.Total, $"{this}: {mux.Sending.Outstanding} outstanding of {mux.Sending.Total}, its streams say {_outstanding}");
        Require(mux.Receiving.Outstanding == _toReport, $"{this}: {mux.Receiving.Outstanding} to report, its streams say {_toReport}");
        Require(mux.Holdings.Held == _held && _held <= mux.Holdings.Bound, $"{this}: {mux.Holdings.Held} of {mux.Holdings.Bound} held, its peers say {_held}");
        Require(mux.Sending.Parked <= mux.StreamCount, $"{this}: {mux.Sending.Parked} parked of {mux.StreamCount} streams");
        _context.HasParked |= mux.Sending.Parked > 0;
        _outstanding = _toReport = _held = 0;
    }

    public override string ToString() => $"{_role} of tunnel {_tunnel.Number}";

    private bool Tick()
    {
        if (Core.IsClosed || _context.Now < Core.NextDeadline)
        {
            return false;
        }

        _wakeUps++;
        Core.Advance(_context.Now);
        Require(Core.IsClosed || Core.NextDeadline > _context.Now, $"{this} woke up and wants to at once again");
        return true;
    }

    private bool Read()
    {
        if (!_isBegun)
        {
            return false;
        }

        var count = _rx.Read(_context.Buffer.AsSpan(0, _context.Chance(4) ? _context.Random.Next(1, 5000) : _context.Buffer.Length), _context.Now);
        if (count > 0)
        {
            var bytes = _context.Buffer.AsSpan(0, count);
            Heard.See(bytes);
            Core.Receive(bytes, _context.Now);
            Require(_rx.Arrived < PoisonedAt || Core.IsClosed, $"{this} took what no peer may send");
        }
        else if (_rx.HasEnded(_context.Now) && !Core.IsClosed)
        {
            EndInput();
            return true;
        }

        return count > 0;
    }

    private void EndInput()
    {
        if (_rx.IsCut && _context.Chance(2))
        {
            Core.Close(TunnelEndReason.ConnectionLost, "connection reset");
            return;
        }

        Core.OnConnectionEnded();
        Require(Reason == (Heard.IsAtBoundary ? TunnelEndReason.Closed : TunnelEndReason.ConnectionLost), $"{this}: {Reason} for an end {(Heard.IsAtBoundary ? "between" : "inside")} frames");
    }

    private bool Send()
    {
        if (_tx.IsCut && (_unsent.Length > 0 || Core.HasOutput))
        {
            _unsent = default;
            Core.Close(TunnelEndReason.ConnectionLost, "the peer is gone");
            return false;
        }

        var written = _tx.Write(_unsent.Span, _context.Now);
        _unsent = _unsent[written..];
        if (_unsent.Length > 0 || !_isBegun || !Core.HasOutput)
        {
            return written > 0;
        }

        var wasClosed = Core.IsClosed;
        var room = _context.Chance(3) ? _context.Random.Next(5_000, 40_000) : _context.Batch.Length;
        var length = Core.Fill(_context.Batch.AsSpan(0, room), _context.Now);
        Require(length > 0 || !Core.HasOutput, $"{this} says that it has output and gives none");
        Sent.See(_context.Batch.AsSpan(0, length));
        _lastWords -= wasClosed ? length : 0;
        Require(_lastWords >= 0, $"{this} is closed and sends on");
        var taken = _tx.Write(_context.Batch.AsSpan(0, length), _context.Now);
        _unsent = taken == length ? default : _context.Batch.AsSpan(taken, length - taken).ToArray();
        return true;
    }

    private bool Leave()
    {
        if (!Core.IsClosed)
        {
            return false;
        }

        var isPeerGone = Reason is TunnelEndReason.ConnectionLost or TunnelEndReason.Closed or TunnelEndReason.PeerSilent;
        HasSaidAll = _unsent.Length == 0 && !Core.HasOutput;
        if (isPeerGone || HasSaidAll || _context.Now >= _closedAt + 1_000_000)
        {
            IsGone = true;
            _tx.Finish(_context.Now);
            _rx.Discard();
            Core.Dispose();
        }

        return IsGone;
    }
}
