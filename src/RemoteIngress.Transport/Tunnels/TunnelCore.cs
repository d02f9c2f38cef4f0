using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Tunnels;

/// <summary>
/// One tunnel without its wires: authentication, multiplexer, liveness and drain over plaintext bytes. Sans-I/O and single-threaded: the
/// driver passes bytes and the time in, takes bytes out, and keeps one timer at <see cref="NextDeadline"/>. Production drives it from an
/// event loop, tests from a virtual clock.
/// </summary>
internal sealed partial class TunnelCore : IFrameSink, IMuxHost, IHandshakeHost, IDisposable
{
    // For a peer that does not answer: what crossed the GOAWAY has come by then, over any line that is of use.
    private const long CrossingGrace = 2_000_000;

    private readonly PeerRole _role;
    private readonly TunnelOptions _options;
    private readonly ITunnelEvents _events;
    private readonly FrameParser _parser;
    private IHandshake? _handshake;
    private long _preAuthBytes;
    private bool _hasSaidGoAway;
    private long _takesCrossingUntil = -1;

    /// <param name="role">Which end this is.</param>
    /// <param name="options">Times and bounds.</param>
    /// <param name="events">Who is told.</param>
    /// <param name="now">Microseconds.</param>
    /// <param name="holdings">What the driver's sockets keep; null for a record of its own.</param>
    /// <param name="datagrams">Where datagrams are counted; null for a record of its own.</param>
    internal TunnelCore(
        PeerRole role, TunnelOptions options, ITunnelEvents events, long now, LoopHoldings? holdings = null, DatagramCounts? datagrams = null)
    {
        _role = role;
        _options = options;
        _events = events;
        _parser = new FrameParser(this);
        Mux = new Multiplexer(
            role,
            this,
            options.MaxStreams,
            new TunnelHoldings(holdings ?? new LoopHoldings(options.Buffers, loops: 1), options.Buffers.TunnelBytes),
            new DatagramSessions(
                role == PeerRole.Edge ? FrameType.UdpData : FrameType.UdpDataBack, datagrams ?? new DatagramCounts(), options.QueuedDatagramBytes));
        Liveness = new Liveness(options, now);
        Now = now;
    }

    public long Now { get; private set; }

    // No time that a PING of the liveness could carry.
    private static ReadOnlySpan<byte> GoAwayMarker => [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

    public long RoundTrip => Liveness.RoundTrip;

    internal Multiplexer Mux { get; }

    internal Liveness Liveness { get; }

    internal bool IsAuthenticated { get; private set; }

    /// <summary>We or the peer said GOAWAY.</summary>
    internal bool IsDraining { get; private set; }

    public bool IsClosed => EndReason != TunnelEndReason.None;

    /// <summary>The first reason this tunnel was closed for; later ones change nothing.</summary>
    internal TunnelEndReason EndReason { get; private set; }

    /// <summary>What a REJECT asked for.</summary>
    internal TimeSpan RetryAfter { get; private set; }

    internal bool HasOutput => Mux.HasOutput;

    /// <summary>When <see cref="Advance"/> wants to be called next, in microseconds.</summary>
    internal long NextDeadline =>
        IsClosed ? long.MaxValue
        : TakesCrossing ? Math.Min(_takesCrossingUntil, Liveness.NextDeadline(IsAuthenticated))
        : Liveness.NextDeadline(IsAuthenticated);

    /// <summary>We said GOAWAY, and what the peer opened before it heard of that may still come and is taken.</summary>
    internal bool TakesCrossing => _takesCrossingUntil >= 0 && !IsClosed;

    /// <summary>The TLS connection stands: starts the handshake.</summary>
    internal void Begin(IHandshake handshake, ReadOnlyMemory<byte> channelBinding, long now)
    {
        Now = now;
        _handshake = handshake;
        handshake.Begin(channelBinding);
    }

    /// <summary>Plaintext arrived.</summary>
    internal void Receive(ReadOnlySpan<byte> bytes, long now)
    {
        Now = now;
        Liveness.OnReceived(now);
        _parser.Receive(bytes);
    }

    /// <summary>Writes the next batch of plaintext to send.</summary>
    internal int Fill(Span<byte> batch, long now)
    {
        Now = now;
        return Mux.Fill(batch);
    }

    /// <summary>Time passed.</summary>
    internal void Advance(long now)
    {
        Now = now;
        if (IsClosed)
        {
            return;
        }

        if (TakesCrossing && now >= _takesCrossingUntil)
        {
            EndCrossing();
        }

        switch (Liveness.Advance(now, IsAuthenticated))
        {
            case LivenessAction.Ping:
                Mux.SendControl(FrameType.Ping, Liveness.StartPing(now));
                break;
            case LivenessAction.HandshakeTimedOut:
                Close(TunnelEndReason.HandshakeTimeout, "not authenticated in time");
                break;
            case LivenessAction.PeerSilent:
                Close(TunnelEndReason.PeerSilent, "nothing was heard of the peer");
                break;
        }
    }

    /// <summary>Asks the peer for a sign of life now.</summary>
    internal void Probe()
    {
        if (!IsClosed && IsAuthenticated && !Liveness.IsAwaitingPong)
        {
            Mux.SendControl(FrameType.Ping, Liveness.StartPing(Now));
        }
    }

    /// <summary>The peer's side of the connection ended.</summary>
    internal void OnConnectionEnded() =>
        Close(
            _parser.IsAtBoundary ? TunnelEndReason.Closed : TunnelEndReason.ConnectionLost,
            _parser.IsAtBoundary ? "closed by the peer" : "the connection ended inside a frame");

    /// <summary>Sends a control frame of stream 0 (CONFIG, CONFIG_ACK, STATUS).</summary>
    public void Send(FrameType type, ReadOnlySpan<byte> payload)
    {
        if (!IsClosed)
        {
            Mux.SendControl(type, payload);
        }
    }

    /// <summary>
    /// Announces that no new streams are taken; the old ones finish. Those that cross the announcement are taken: an eager one brings bytes
    /// that the edge does not have any more. The answer to a PING right behind it says that no more can come.
    /// </summary>
    internal void Drain(string reason)
    {
        if (!IsClosed && IsAuthenticated && !_hasSaidGoAway)
        {
            // Said even when the peer drains too: it may be waiting for us to take no more.
            IsDraining = true;
            _hasSaidGoAway = true;
            _takesCrossingUntil = Now + CrossingGrace;
            Mux.SendControl(FrameType.GoAway, ControlCodec.Encode(new GoAway { Reason = reason }));
            Mux.SendControl(FrameType.Ping, GoAwayMarker);
        }
    }

    /// <summary>
    /// Closes for <paramref name="reason"/>: every stream ends, a hub says why (REJECT, or GOAWAY), and nothing else is sent or parsed.
    /// </summary>
    internal void Close(TunnelEndReason reason, string detail)
    {
        if (IsClosed)
        {
            return;
        }

        EndReason = reason;
        Mux.AbortAll(StreamEndReason.TunnelLost);
        if (_role == PeerRole.Hub && _handshake is not null)
        {
            SayWhy(reason, detail);
        }

        _events.OnClosed(reason, detail);
        _events.OnWantsFlush();
    }

    public void Dispose()
    {
        _parser.Dispose();
        Mux.Dispose();
    }

    private void EndCrossing()
    {
        _takesCrossingUntil = -1;
        Mux.RefusesStreams = true;
        _events.OnDrainHeard();
    }

    private void SayWhy(TunnelEndReason reason, string detail)
    {
        if (reason.ToRejectCode() is { } code)
        {
            // Which limit it was is no secret: whoever is told has proved to know the edge's secret.
            var isBusy = reason == TunnelEndReason.Busy;
            var reject = new Reject
            {
                Code = code,
                Message = isBusy ? detail : reason.Describe(),
                RetryAfterSeconds = isBusy ? (int)_options.BusyRetryAfter.TotalSeconds : 0,
            };
            Mux.SendControl(FrameType.Reject, ControlCodec.Encode(reject));
        }
        else if (IsAuthenticated && !_hasSaidGoAway)
        {
            Mux.SendControl(FrameType.GoAway, ControlCodec.Encode(new GoAway { Reason = reason.MetricTag() }));
        }
    }

    void IMuxHost.WantsFlush() => _events.OnWantsFlush();

    void IMuxHost.Fail(TunnelEndReason reason, string detail) => Close(reason, detail);

    void IMuxHost.OnOpen(MuxStream stream, ReadOnlySpan<byte> payload) => _events.OnOpen(stream, payload);

    void IMuxHost.OnOpenSession(MuxSession session, ReadOnlySpan<byte> payload) => _events.OnOpenSession(session, payload);

    void IMuxHost.OnRefused(StreamEndReason reason) => _events.OnStreamRefused(reason);

    void IMuxHost.OnStreamEnded(MuxStream stream) => _events.OnStreamEnded(stream);

    long IHandshakeHost.BufferBytes => _options.Buffers.TunnelBytes;

    void IHandshakeHost.OnHello(Hello hello)
    {
        Mux.Sending.Total = hello.Buffer ?? FrameLimits.DefaultBuffer;
        _events.OnHello(hello);
    }

    void IHandshakeHost.OnAuthenticated(Welcome? welcome)
    {
        IsAuthenticated = true;
        Mux.Sending.Total = welcome?.Buffer ?? Mux.Sending.Total;
        Liveness.OnAuthenticated(Now);
        _events.OnAuthenticated(welcome);
    }

    void IHandshakeHost.Fail(TunnelEndReason reason, string detail) => Close(reason, detail);
}
