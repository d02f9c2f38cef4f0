using System.Net;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;
using RemoteIngress.Transport.Supervision;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// The tunnel port and the loops behind it. One listening socket on the first loop; every connection goes to the loop with the fewest
/// tunnels, since tunnels are few and live long, and the kernel's spreading by hash would leave loops idle.
/// </summary>
internal sealed class TunnelServer : ILoopOwner, IAsyncDisposable
{
    private const string NotWatched = "the system watches no more sockets (fs.epoll.max_user_watches)";

    private readonly LoopGroup _loops;
    private readonly HubLoop[] _hubLoops;
    private readonly Admission _admission;
    private readonly CertificateSource _certificates;
    private readonly Supervisor _supervisor;
    private readonly bool _hasDatagramLoops;
    private ListenSocket? _socket;
    private Lobby? _lobby;
    private Acceptor? _acceptor;
    private Task? _stopped;
    private bool _isStarted;

    internal TunnelServer(
        TunnelServerOptions options,
        LoopGroup loops,
        CertificateSource certificates,
        SessionDirectory directory,
        EdgeLookups lookups,
        HubEventQueue events,
        TimeProvider time,
        Supervisor supervisor)
    {
        _supervisor = supervisor;
        Options = options;
        Directory = directory;
        Lookups = lookups;
        Events = events;
        Time = time;
        _certificates = certificates;
        _admission = new Admission(options.MaxUnauthenticated, options.MaxUnauthenticatedPerAddress);
        Failures = new FailureHistory(time, options.FreeAuthFailures, options.MaxAuthDelay);
        Streams = new Bound(options.MaxStreams);
        UdpSessions = new Bound(options.MaxUdpSessions);
        _loops = loops;
        _hubLoops = [.. _loops.Loops.Select(loop => new HubLoop(loop, this))];
        _hasDatagramLoops = _loops.Loops.Any(loop => loop.Duty == LoopDuty.Datagrams);
    }

    internal TunnelServerOptions Options { get; }

    internal SessionDirectory Directory { get; }

    internal EdgeLookups Lookups { get; }

    internal HubEventQueue Events { get; }

    internal TimeProvider Time { get; }

    internal FailureHistory Failures { get; }

    /// <summary>Connections of all loops.</summary>
    internal Bound Streams { get; }

    /// <summary>UDP sessions of all loops.</summary>
    internal Bound UdpSessions { get; }

    /// <summary>Where it listens, with the real port.</summary>
    internal IPEndPoint? LocalEndPoint { get; private set; }

    internal IReadOnlyList<HubLoop> Loops => _hubLoops;

    /// <summary>Connections and tunnels that have a socket now; any thread may read it.</summary>
    internal int Load => _hubLoops.Sum(loop => loop.Load) + (_lobby?.Count ?? 0);

    /// <summary>Faults when a loop died too often to be started again.</summary>
    internal Task Failed => _supervisor.Failed;

    private EventLoop First => _loops.Loops[0];

    /// <summary>Takes the port; nobody is accepted yet.</summary>
    /// <exception cref="HubStartException">The port cannot be had.</exception>
    internal void Bind() => BindTo(Options.Local);

    /// <summary>Starts the loops and accepts. <see cref="Bind"/> comes before.</summary>
    internal async Task StartAsync()
    {
        _loops.Start();
        _isStarted = true;
        if (!await First.InvokeAsync(TryListen))
        {
            throw new HubStartException($"--tunnel-port: {NotWatched}");
        }

        _loops.Supervise(_supervisor, this);
    }

    /// <summary>
    /// Takes no more tunnels and no more streams; completes when the last connection has ended, or after <paramref name="timeout"/>.
    /// True: none was left. <paramref name="cancellationToken"/> ends the wait early.
    /// </summary>
    internal async Task<bool> DrainAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        await _loops.EndSupervisionAsync();
        await CloseListenerAsync();
        var idle = Task.WhenAll(_hubLoops.Select(loop => loop.DrainAsync()));
        using var given = new CancellationTokenSource(timeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(given.Token, cancellationToken);
        await Task.WhenAny(idle, Failed, Task.Delay(Timeout.Infinite, either.Token));
        return idle.IsCompletedSuccessfully;
    }

    /// <summary>Ends everything that is left, then the loops. Safe to call twice.</summary>
    internal Task StopAsync(TunnelEndReason reason) => _stopped ??= StopOnceAsync(reason);

    public ValueTask DisposeAsync() => new(StopAsync(TunnelEndReason.Shutdown));

    /// <summary>From any thread: a connection is no longer on its way to becoming a tunnel.</summary>
    internal void LeaveAdmission(IPAddress address) => _admission.Leave(address);

    void ILoopOwner.OnLoopDied(int index)
    {
        _hubLoops[index].Abandon();
        if (index == First.Index)
        {
            foreach (var address in _lobby!.Abandon())
            {
                _admission.Leave(address);
            }
        }
    }

    void ILoopOwner.Revive(EventLoop loop)
    {
        // Edges wait in the queue of the socket meanwhile. One that could not be watched was closed; before anything that may not fail.
        if (loop == First && _socket is null)
        {
            BindTo(LocalEndPoint!);
        }

        _hubLoops[loop.Index] = new HubLoop(loop, this, _hubLoops[loop.Index]);
        _hubLoops[loop.Index].PostAccept();
        if (loop == First)
        {
            loop.Post(() =>
            {
                if (!TryListen())
                {
                    throw new InvalidOperationException(NotWatched);
                }
            });
        }
    }

    private async Task StopOnceAsync(TunnelEndReason reason)
    {
        await _loops.EndSupervisionAsync();
        if (_isStarted)
        {
            await CloseListenerAsync();
            await Task.WhenAll(_hubLoops.Select(loop => loop.CloseAllAsync(reason)));
        }

        _socket?.Close();
        await _loops.DisposeAsync();
        foreach (var loop in _hubLoops)
        {
            loop.CloseIncoming();
        }
    }

    private async Task CloseListenerAsync()
    {
        if (_socket is null)
        {
            return;
        }

        try
        {
            await First.InvokeAsync(() =>
            {
                _acceptor!.Close();
                _lobby!.Close();
                return true;
            });
        }
        catch (ObjectDisposedException)
        {
            // That loop died, and nobody accepts any more.
            _socket?.Close();
        }

        _socket = null;
    }

    private void BindTo(IPEndPoint local)
    {
        if (!ListenSocket.TryBind(local, shared: false, out var socket, out var error))
        {
            throw new HubStartException(Explain(error));
        }

        _socket = socket;
        LocalEndPoint = socket.LocalEndPoint();
    }

    // On the first loop.
    private bool TryListen()
    {
        _lobby = new Lobby(First, Seat, TurnAway);
        _acceptor = Acceptor.TryStart(First, _socket!.Value, OnAccepted, OnPaused, isKept: true);
        if (_acceptor is null)
        {
            _socket = null;
        }

        return _acceptor is not null;
    }

    private void OnAccepted(TcpSocket socket, IPEndPoint remote)
    {
        var limit = Options.Files.IsReserved(socket.Descriptor) ? HubLimit.Descriptors : _admission.TryEnter(remote.Address);
        if (limit is { } met)
        {
            socket.Close();
            _hubLoops[0].Refuse(remote, null, TunnelEndReason.Busy, _hubLoops[0].LimitMet(met));
            return;
        }

        if (_hasDatagramLoops)
        {
            _lobby!.Enter(socket, remote);
        }
        else
        {
            Seat(socket, remote, isForDatagrams: false);
        }
    }

    private void Seat(TcpSocket socket, IPEndPoint remote, bool isForDatagrams)
    {
        var loops = _hubLoops.Where(loop => loop.IsAlive && loop.Loop.Duty == LoopDuty.Datagrams == isForDatagrams);
        (loops.MinBy(static loop => loop.Load) ?? _hubLoops[0]).Post(socket, remote, _certificates.Current);
    }

    private void TurnAway(TcpSocket socket, IPEndPoint remote)
    {
        socket.Close();
        _admission.Leave(remote.Address);
        _hubLoops[0].Refuse(remote, null, TunnelEndReason.Draining, TunnelEndReason.Draining.Describe());
    }

    private void OnPaused(string error)
    {
        _hubLoops[0].LimitMet(HubLimit.Descriptors);
        Events.Post(new HubEvent.AcceptPaused(error));
    }

    private string Explain(int error) => error switch
    {
        Errno.AddressInUse =>
            $"--tunnel-port: {Options.Local.Port} is in use by another program; stop that one, choose another port, or give 0 for a free one",
        Errno.AccessDenied =>
            $"--tunnel-port {Options.Local.Port}: not allowed for this user; choose a port above 1023, or grant CAP_NET_BIND_SERVICE",
        Errno.AddressNotAvailable =>
            $"--tunnel-address {Options.Local.Address}: is not an address of this host; give :: or 0.0.0.0 for all of them",
        _ => $"--tunnel-port {Options.Local.Port}: {Errno.Describe(error)}; choose another port or address",
    };
}
