using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RemoteIngress.Edge.Configuration;
using RemoteIngress.Edge.Diagnostics;
using RemoteIngress.Edge.Events;
using RemoteIngress.Edge.Limits;
using RemoteIngress.Edge.Status;
using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Protocol.Scram;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux.FlowControl;
using RemoteIngress.Transport.Supervision;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Edge;

/// <summary>
/// One edge: public listeners that follow what the hubs push, and tunnels to every hub. Several can run in one process. Starts once;
/// to start again, make a new one.
/// </summary>
public sealed partial class RemoteIngressEdge : IAsyncDisposable
{
    private const int OwnDescriptors = 256;

    // A handler that waits for the edge to stop must not wait for ever.
    private static readonly TimeSpan HandlerTimeout = TimeSpan.FromSeconds(3);

    private readonly EdgeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ILoggerFactory _loggers;
    private readonly EdgeNotices _notices = new();
    private readonly EdgeEvents _events;
    private readonly Supervisor _supervisor;
    private readonly CancellationTokenSource _stopping = new();
    private EdgeLoops? _loops;
    private StatusCollector? _collector;
    private EdgeMetrics? _metrics;
    private StatusServer? _server;
    private Task _background = Task.CompletedTask;
    private Task _telling = Task.CompletedTask;
    private int _state;

    /// <summary>Creates an edge that does not run yet.</summary>
    /// <param name="options">What it needs to know; checked by <see cref="StartAsync"/>.</param>
    /// <param name="loggers">Where it logs; nowhere when null.</param>
    public RemoteIngressEdge(EdgeOptions options, ILoggerFactory? loggers = null)
        : this(options, loggers, TimeProvider.System)
    {
    }

    internal RemoteIngressEdge(EdgeOptions options, ILoggerFactory? loggers, TimeProvider time)
    {
        _options = options;
        _time = time;
        _loggers = loggers ?? NullLoggerFactory.Instance;
        _logger = _loggers.CreateLogger<RemoteIngressEdge>();
        _events = new EdgeEvents(this, time, _logger);
        _supervisor = new Supervisor(time, _loggers.CreateLogger("RemoteIngress.Edge.Supervision"), _events.RaiseCrash, _events.RaiseFailure);
    }

    /// <summary>Where the status endpoint listens, with its real port; null when it is off or the edge does not run.</summary>
    public Uri? StatusUrl => _server?.Url;

    /// <summary>
    /// Faults when an internal loop died of a defect, again and again (<see cref="CrashRecoveryFailed"/>): the edge no longer works as a whole,
    /// and its process should end with an error and be started again. Never completes otherwise.
    /// </summary>
    public Task Faulted => _supervisor.Failed;

    /// <summary>Times and bounds of its tunnels; of the options, unless a test says something else.</summary>
    internal TunnelOptions? Tunnels { get; init; }

    internal IReadOnlyList<EventLoop> EventLoops => _loops?.EventLoops ?? [];

    /// <summary>Sockets of all loops.</summary>
    internal int Sockets => EventLoops.Sum(loop => loop.Registered);

    /// <summary>
    /// Starts dialling the hubs. Returns before a tunnel is up: an edge without its hubs keeps trying for ever.
    /// </summary>
    /// <exception cref="EdgeStartException">
    /// The options are wrong, the status address cannot be had, or neither can the packet filter that <see cref="EdgeOptions.Firewall"/>
    /// requires; names every reason.
    /// </exception>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _state, 1) != 0)
        {
            throw new InvalidOperationException("an edge starts once; make a new one");
        }

        var errors = EdgeOptionsValidator.Validate(_options);
        if (errors.Count > 0)
        {
            throw new EdgeStartException(errors);
        }

        var snapshots = CreateLoops();

        // before anything that may fail: only loops that run can be stopped
        _loops!.Start();
        await LoadHubsAsync(cancellationToken);
        await StartFirewallAsync(cancellationToken);
        await StartStatusAsync(cancellationToken);
        _telling = _supervisor.Start("events", _events.RunAsync, CancellationToken.None);
        _background = Task.WhenAll(
            _supervisor.Start("snapshots", () => snapshots.RunAsync(_stopping.Token), _stopping.Token),
            _supervisor.Start("packet filter", () => _firewall!.RunAsync(_stopping.Token), _stopping.Token),
            _supervisor.Start("log", new EdgeLog(_notices, _events, _time, _logger).RunAsync, CancellationToken.None),
            StartFollowing(),
            StartReports());
        _loops.Dial(_supervisor);

        if (_options.Transport == EdgeTransport.QuicWithFallback)
        {
            LogNoQuic();
        }
    }

    /// <summary>
    /// Stops listening, lets open connections finish for up to <see cref="EdgeOptions.DrainTimeout"/> (or until
    /// <paramref name="cancellationToken"/>), then closes what is left.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _state, 2) != 1 || _loops is not { } loops)
        {
            return;
        }

        await loops.EndSupervisionAsync();
        await DrainAsync(loops, cancellationToken);

        // Loops that ended with tunnels still saying good-bye would leave their sockets open for the life of the process.
        await loops.ForAllAsync(static loop => loop.Abort());
        await loops.DisposeAsync();
        await _stopping.CancelAsync();
        _notices.Complete();
        await _background;
        await StopFirewallAsync();
        await EndEventsAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
            _server = null;
        }

        _metrics?.Dispose();
    }

    /// <summary>What it does now. Asks the loops; do not call it on a thread that must not wait.</summary>
    public EdgeStatus GetStatus() => GetStatusAsync().GetAwaiter().GetResult();

    /// <inheritdoc cref="GetStatus"/>
    public async Task<EdgeStatus> GetStatusAsync()
    {
        if (_state == 1 && _collector is not null)
        {
            try
            {
                return WithPublicIp(await _collector.CollectAsync());
            }
            catch (ObjectDisposedException)
            {
                // it stopped while it was asked
            }
        }

        return EdgeStatus.Stopped;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await StopAsync(now.Token);
        _stopping.Dispose();
    }

    private SnapshotApplier CreateLoops()
    {
        var files = OpenFiles.Raise(_options.ReservedDescriptors);
        var tunnels = Tunnels ?? TunnelOptions.Default with
        {
            HandshakeTimeout = TimeSpan.FromSeconds(_options.HandshakeSeconds),
            MaxStreams = _options.MaxStreamsPerTunnel,
            QueuedDatagramBytes = _options.UdpQueueKiB * 1024,
            Buffers = BufferLimits.FromMebibytes(_options.TunnelBufferMiB, _options.BufferMiB),
        };
        var group = StartLoops(tunnels.Buffers);
        TellDescriptors(files.Limit);
        var limits = new EdgeLimits(_options, files, group.Loops.Count(loop => loop.Duty != LoopDuty.Streams));
        var identity = new EdgeIdentity(
            _options.EdgeId,
            _options.Secret,
            _options.InstanceId ?? Guid.NewGuid().ToString("N"),
            SoftwareVersion.Text,
            new ScramKeyCache())
        {
            // Higher than those of an earlier process with the same --instance-id, whose tunnels a hub may still believe in.
            Attempt = _time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        var peers = CreateFirewall();
        _hubs = CreateFollower(peers);
        _loops = new EdgeLoops(group, _options, limits, identity, tunnels, new HubResolver(_time, peers), _notices);
        var binder = new PortBinder(_loops.All, _options.BindAddress, _time);
        var snapshots = new SnapshotApplier(_loops.All, binder, _firewall!, _notices, _events, _time, _loggers.CreateLogger<SnapshotApplier>());
        _collector = new StatusCollector(_loops.All, group.Loops, snapshots, _firewall!, files, limits.UdpReceiveBuffer);
        _metrics = new EdgeMetrics(
            _options.EdgeId, _loops.All, group.Loops, files, _firewall!.Counters, _supervisor, () => _notices.Dropped + _events.Dropped);
        PrepareReports(_loops, snapshots);
        return snapshots;
    }

    private LoopGroup StartLoops(BufferLimits buffers)
    {
        try
        {
            return new LoopGroup("edge", _options.Loops, _time, buffers, _options.DatagramLoops);
        }
        catch (LoopRefusedException exception)
        {
            throw new EdgeStartException(
                $"--performance: loops, datagramLoops: the system refuses so many event loops ({exception.Message}); give fewer, or raise the limit of open files (ulimit -n, LimitNOFILE)",
                exception);
        }
    }

    // A client takes one here; what the rest of the process has is a hundred or two.
    private void TellDescriptors(int limit)
    {
        var wanted = (long)_options.MaxStreams + _options.ReservedDescriptors + OwnDescriptors;
        if (limit >= wanted)
        {
            LogDescriptors(limit);
        }
        else
        {
            LogFewDescriptors(limit, _options.MaxStreams, wanted);
        }
    }

    private async Task StartStatusAsync(CancellationToken cancellationToken)
    {
        if (StatusAddress.IsOff(_options.StatusUrl) || !StatusAddress.TryParse(_options.StatusUrl, out var endPoint))
        {
            return;
        }

        try
        {
            _server = await StatusServer.StartAsync(endPoint, _options, GetStatusAsync, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            throw new EdgeStartException(
                $"--status-url: {_options.StatusUrl} cannot be used ({Innermost(exception)}); choose another address, or none", exception);
        }
    }

    private async Task DrainAsync(EdgeLoops loops, CancellationToken cancellationToken)
    {
        try
        {
            await loops.ForAllAsync(static loop => loop.StopAccepting()).WaitAsync(_options.DrainTimeout, _time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            LogDrainCut(loops.All.Sum(loop => loop.Counters.Active));
        }
    }

    private static string Innermost(Exception exception) => exception.GetBaseException().Message;

    [LoggerMessage(2201, LogLevel.Information, "this version has no QUIC: tunnels use TLS over TCP", EventName = "NoQuic")]
    private partial void LogNoQuic();

    [LoggerMessage(2203, LogLevel.Information, "this process may open {Limit} files and sockets", EventName = "Descriptors")]
    private partial void LogDescriptors(int limit);

    [LoggerMessage(
        2204, LogLevel.Warning,
        "this process may open {Limit} files and sockets, too few for maxStreams ({MaxStreams}): clients beyond are refused; raise the limit to {Wanted} (ulimit -n, LimitNOFILE) or lower maxStreams",
        EventName = "FewDescriptors")]
    private partial void LogFewDescriptors(int limit, int maxStreams, long wanted);

    [LoggerMessage(2202, LogLevel.Information, "stopped with {Count} connections still open", EventName = "DrainCut")]
    private partial void LogDrainCut(long count);
}
