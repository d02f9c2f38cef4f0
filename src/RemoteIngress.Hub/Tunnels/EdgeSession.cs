using System.Collections.Immutable;
using System.Net;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Forwarding;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Sockets;
using RemoteIngress.Transport.Tls;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// The hub's side of one tunnel. Lives on its loop; other threads reach it by the <c>Post…</c> methods and read the properties that say so.
/// </summary>
internal sealed partial class EdgeSession : ITunnelEvents, IForwardingHost, IDatagramHost
{
    /// <summary>As status and registry call it.</summary>
    internal const string Transport = "tcpTls";

    private readonly HubLoop _hub;
    private readonly IPEndPoint _remote;
    private readonly LoopTimer _expiry;
    private LoopTimer? _penalty;
    private Tunnel? _tunnel;
    private HubHandshake? _handshake;
    private ImmutableArray<EdgeVerifier> _offered = [];
    private string _software = "";
    private int _activeConnections;
    private int _places;
    private TunnelEndReason _verdict;
    private bool _isRegistered;
    private bool _isOver;
    private bool _hasLeftAdmission;

    internal EdgeSession(HubLoop hub, IPEndPoint remote)
    {
        _hub = hub;
        _remote = remote;
        RemoteAddress = remote.ToString();
        _expiry = new LoopTimer(OnSecretExpired);
    }

    public EventLoop Loop => _hub.Loop;

    internal string RemoteAddress { get; }

    /// <summary>The edge it says it is; set by HELLO, before anybody else sees the session.</summary>
    internal EdgeEntry? Edge { get; private set; }

    /// <summary>Set with <see cref="Edge"/>.</summary>
    internal string InstanceId { get; private set; } = "";

    /// <summary>Lane and attempt of HELLO; set with <see cref="Edge"/>.</summary>
    internal (int Lane, long Attempt) Place { get; private set; }

    /// <summary>The secret that it proved to know; set before the session is registered and never changed.</summary>
    internal EdgeVerifier? Verifier { get; private set; }

    /// <summary>Open connections; any thread may read it.</summary>
    internal int ActiveConnections => Volatile.Read(ref _activeConnections);

    /// <summary>Microseconds, 0 while unknown; any thread may read it.</summary>
    internal long RoundTrip => _tunnel?.Core.RoundTrip ?? 0;

    private TunnelCore Core => _tunnel!.Core;

    /// <summary>Takes over an accepted connection.</summary>
    internal void Start(TcpSocket socket, HubCertificate certificate)
    {
        _tunnel = Tunnel.Accept(Loop, socket, new TunnelSetup
        {
            Role = PeerRole.Hub,
            Options = _hub.Options.Tunnel,
            Events = this,
            CreateTls = sink => TlsChannel.Server(sink, TlsPolicy.Server(certificate.Context)),
            CreateHandshake = core => _handshake = new HubHandshake(_hub.Options.Identity, core) { Hubs = _hub.Options.Hubs, Admit = Admit },
            ChannelBinding = _ => certificate.Binding,
            Released = OnReleased,
        });
    }

    /// <summary>From any thread: what is known of the edge.</summary>
    internal void PostAnswer(LookupAnswer answer) => Loop.Post(() => OnAnswer(answer));

    /// <summary>From any thread: the edge's state from now on.</summary>
    internal void PostModel(EdgeModel model, DateTimeOffset now, bool sendsConfig) => Loop.Post(() => OnModel(model, now, sendsConfig));

    /// <summary>From any thread: the tunnel must end.</summary>
    internal void PostClose(TunnelEndReason reason) => Loop.Post(() => Close(reason));

    internal void Close(TunnelEndReason reason) => Core.Close(reason, reason.Describe());

    /// <summary>While draining: streams that crossed the GOAWAY may still come.</summary>
    internal bool TakesCrossing => _tunnel is { Core.TakesCrossing: true };

    /// <summary>No new streams; a tunnel that is not authenticated yet ends at once.</summary>
    internal void Drain()
    {
        if (Core.IsAuthenticated)
        {
            Core.Drain(TunnelEndReason.Draining.MetricTag());
        }
        else
        {
            Close(TunnelEndReason.Draining);
        }
    }

    void ITunnelEvents.OnHello(Hello hello)
    {
        InstanceId = hello.InstanceId;
        Place = (hello.Lane, hello.Attempt);
        _software = hello.Software;
        Edge = _hub.Directory.Enter(hello.EdgeId);
        _hub.Lookups.Ask(this);
    }

    void ITunnelEvents.OnAuthenticated(Welcome? welcome)
    {
        LeaveAdmission();
        _isRegistered = true;
        _hub.Counters.TunnelStarted();
        _hub.Events.Post(new HubEvent.Authenticated(Edge!.EdgeId, InstanceId, _remote, _software));
        if (_verdict != TunnelEndReason.None)
        {
            Close(_verdict);
        }
        else if (_hub.IsDraining)
        {
            Drain();
        }
    }

    void ITunnelEvents.OnControl(FrameType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case FrameType.ConfigAck when ControlCodec.TryDecode<ConfigAck>(payload, out var acknowledgement, out var error):
                _hub.Directory.Acknowledge(this, Acknowledgements.Create(acknowledgement!, _hub.HubId, InstanceId, _hub.Time.GetUtcNow()));
                break;
            case FrameType.Status when ControlCodec.TryDecode<EdgeStatusReport>(payload, out var report, out var error):
                _hub.Directory.NoteStatus(this, report!);
                break;
            default:
                Core.Close(TunnelEndReason.ProtocolError, $"{type} that is not allowed or not readable");
                break;
        }
    }

    void ITunnelEvents.OnGoAway(string reason)
    {
        // The edge opens no more streams; it closes the tunnel itself when the old ones ended.
    }

    void ITunnelEvents.OnDrainHeard() => _hub.OnDrainHeard();

    void ITunnelEvents.OnStreamEnded(MuxStream stream)
    {
        // the connection tells of its own end, which may come later
    }

    void ITunnelEvents.OnWantsFlush() => _tunnel?.Flush();

    // Before WELCOME: an edge that is told so there has not given any client to this tunnel yet.
    private string? Admit()
    {
        Verifier = _offered[_handshake!.MatchedVerifier];
        _verdict = _hub.Directory.Register(this, out var limit);
        return _verdict == TunnelEndReason.Busy ? _hub.LimitMet(limit) : null;
    }

    private void OnAnswer(LookupAnswer answer)
    {
        var delay = _hub.Failures.Delay(_remote.Address);
        if (delay == TimeSpan.Zero)
        {
            Challenge(answer);
            return;
        }

        _hub.Counters.LimitMet(HubLimit.AuthFailures);
        _penalty = new LoopTimer(() => Challenge(answer));
        Loop.ArmIn(_penalty, delay);
    }

    private void Challenge(LookupAnswer answer)
    {
        if (Core.IsClosed)
        {
            return;
        }

        _offered = answer.Verifiers;
        _handshake!.Answer(
            answer.IsUnavailable ? EdgeLookup.Unavailable
            : _offered.IsEmpty ? EdgeLookup.Unknown
            : EdgeLookup.Found([.. _offered.Select(EdgeSecrets.ToScram)]));
    }

    private void OnModel(EdgeModel model, DateTimeOffset now, bool sendsConfig)
    {
        if (Core.IsClosed)
        {
            return;
        }

        if (model.Find(Verifier!) is not { } verifier || !verifier.IsValidAt(now))
        {
            Close(TunnelEndReason.SecretChanged);
            return;
        }

        // The old secret of a rotation ends at a set time, and with it what was authenticated by it.
        Loop.Cancel(_expiry);
        if (verifier.NotAfter is { } end)
        {
            Loop.ArmIn(_expiry, end - now);
        }

        if (sendsConfig)
        {
            SendConfig(model);
        }
    }

    private void SendConfig(EdgeModel model)
    {
        if (model.Config.IsEmpty)
        {
            _hub.Events.Post(new HubEvent.ConfigTooLarge(model.Record.EdgeId, model.Generation));
            return;
        }

        Core.Send(FrameType.Config, model.Config.Span);
    }

    private void OnSecretExpired() => Close(TunnelEndReason.SecretChanged);
}
