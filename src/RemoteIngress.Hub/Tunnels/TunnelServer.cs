using System.Net;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// The tunnel port and the loops behind it. One listening socket on the first loop; every connection goes to the loop with the fewest
/// tunnels, since tunnels are few and live long, and the kernel's spreading by hash would leave loops idle.
/// </summary>
internal sealed class TunnelServer : IAsyncDisposable
{
    private readonly LoopGroup _loops;
    private readonly HubLoop[] _hubLoops;
    private readonly Admission _admission;
    private readonly CertificateSource _certificates;
    private ListenSocket? _socket;
    private Acceptor? _acceptor;
    private Task? _stopped;

    internal TunnelServer(
        TunnelServerOptions options,
        LoopGroup loops,
        CertificateSource certificates,
        SessionDirectory directory,
        EdgeLookups lookups,
        HubEventQueue events,
        TimeProvider time)
    {
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
    internal int Load => _hubLoops.Sum(loop => loop.Load);

    /// <summary>Faults when a loop dies; completes when all have ended.</summary>
    internal Task Ended { get; private set; } = Task.CompletedTask;

    private EventLoop First => _loops.Loops[0];

    /// <summary>Takes the port; nobody is accepted yet.</summary>
    /// <exception cref="HubStartException">The port cannot be had.</exception>
    internal void Bind()
    {
        if (!ListenSocket.TryBind(Options.Local, shared: false, out var socket, out var error))
        {
            throw new HubStartException(Explain(error));
        }

        _socket = socket;
        LocalEndPoint = socket.LocalEndPoint();
    }

    /// <summary>Starts the loops and accepts. <see cref="Bind"/> comes before.</summary>
    internal async Task StartAsync()
    {
        _loops.Start();
        Ended = _loops.WatchAsync();
        var socket = _socket!.Value;
        _acceptor = await First.InvokeAsync(() => Acceptor.TryStart(First, socket, OnAccepted, OnPaused))
            ?? throw new HubStartException("--tunnel-port: the system watches no more sockets (fs.epoll.max_user_watches)");
    }

    /// <summary>
    /// Takes no more tunnels and no more streams; completes when the last connection has ended, or after <paramref name="timeout"/>.
    /// True: none was left. <paramref name="cancellationToken"/> ends the wait early.
    /// </summary>
    internal async Task<bool> DrainAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        await CloseListenerAsync();
        var idle = Task.WhenAll(_hubLoops.Select(loop => loop.DrainAsync()));
        using var given = new CancellationTokenSource(timeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(given.Token, cancellationToken);
        await Task.WhenAny(idle, Ended, Task.Delay(Timeout.Infinite, either.Token));
        return idle.IsCompletedSuccessfully;
    }

    /// <summary>Ends everything that is left, then the loops. Safe to call twice.</summary>
    internal Task StopAsync(TunnelEndReason reason) => _stopped ??= StopOnceAsync(reason);

    public ValueTask DisposeAsync() => new(StopAsync(TunnelEndReason.Shutdown));

    /// <summary>From any loop: a connection is no longer on its way to becoming a tunnel.</summary>
    internal void LeaveAdmission(IPAddress address) => First.Post(() => _admission.Leave(address));

    private async Task StopOnceAsync(TunnelEndReason reason)
    {
        if (_acceptor is not null)
        {
            await CloseListenerAsync();
            await Task.WhenAny(Task.WhenAll(_hubLoops.Select(loop => loop.CloseAllAsync(reason))), Ended);
        }
        else
        {
            _socket?.Close();
            _socket = null;
        }

        await _loops.DisposeAsync();
    }

    private async Task CloseListenerAsync()
    {
        if (_acceptor is not { } listener)
        {
            return;
        }

        try
        {
            await First.InvokeAsync(() =>
            {
                listener.Close();
                return true;
            });
        }
        catch (ObjectDisposedException)
        {
            // That loop died, and nobody accepts any more.
        }
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

        _hubLoops.MinBy(loop => loop.Load)!.Post(socket, remote, _certificates.Current);
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
