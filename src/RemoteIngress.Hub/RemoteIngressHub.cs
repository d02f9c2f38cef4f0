using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Events;
using RemoteIngress.Hub.Hosting;

namespace RemoteIngress.Hub;

/// <summary>
/// One hub: it takes tunnels of edges, forwards their connections to local targets, and is a silo of the cluster that holds the registry of
/// edges. Several may run in one process. Thread-safe.
/// </summary>
public sealed partial class RemoteIngressHub : IAsyncDisposable
{
    private const int OwnDescriptors = 512;

    private readonly HubOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly HubEvents _events;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly TaskCompletionSource _faulted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile HubRuntime? _runtime;

    /// <summary>Creates a hub that does not run yet.</summary>
    /// <param name="options">What it is told. Not to be changed any more once the hub was started.</param>
    /// <param name="loggerFactory">Where it logs; <see langword="null"/>, the default, is nowhere. Stays the caller's to dispose.</param>
    public RemoteIngressHub(HubOptions options, ILoggerFactory? loggerFactory = null)
    {
        _options = options ?? throw new ArgumentNullException(nameof(options));
        _loggers = loggerFactory ?? NullLoggerFactory.Instance;
        _logger = _loggers.CreateLogger<RemoteIngressHub>();
        _events = new HubEvents(this, _logger);
    }

    /// <summary>The port on which edges connect, with the real number when 0 was asked for; what was asked for while it does not run.</summary>
    public int TunnelPort => _runtime?.TunnelPort ?? _options.TunnelPort;

    /// <summary>Where the HTTP API listens, with its real port; <see langword="null"/> when it is off or the hub does not run.</summary>
    public Uri? AdminUrl => _runtime?.AdminUrl;

    /// <summary>
    /// Faults when an internal loop died of a defect, again and again (<see cref="CrashRecoveryFailed"/>): the hub no longer works as a whole,
    /// and its process should end with an error and be started again. Never completes otherwise.
    /// </summary>
    public Task Faulted => _faulted.Task;

    /// <summary>
    /// Completes when somebody asked this hub, by <c>hubs drain</c> or the HTTP API of any hub, to drain, and it has stopped as
    /// <see cref="StopAsync"/> does: its process should end then, without an error. A hub that is started again has another one.
    /// </summary>
    public Task Drained => Volatile.Read(ref _drained).Task;

    /// <summary>Starts the hub; when this returns, it takes tunnels and its API answers.</summary>
    /// <exception cref="HubStartException">It cannot start. Every line says which option is wrong and what would be right.</exception>
    /// <exception cref="InvalidOperationException">It runs already.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (HubOptionsValidator.Validate(_options) is { Count: > 0 } errors)
        {
            throw new HubStartException(errors);
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_runtime is not null)
            {
                throw new InvalidOperationException("The hub runs already.");
            }

            if (_drained.Task.IsCompleted)
            {
                Volatile.Write(ref _drained, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            var runtime = await HubRuntime.StartAsync(_options, _events, RequestDrain, _loggers, TimeProvider.System, cancellationToken);
            _runtime = runtime;
            _ = WatchAsync(runtime);
            LogStarted(_options.HubId, runtime.TunnelPort);
            TellDescriptors(runtime.DescriptorLimit);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Drains and stops: no new tunnels and connections, then up to <see cref="HubOptions.DrainTimeout"/> for those that are open (earlier when
    /// none is), then everything ends and the silo leaves its cluster. Does nothing when the hub does not run.
    /// </summary>
    /// <param name="cancellationToken">Cuts the wait for open connections short; what follows it is done in any case.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            if (_runtime is not { } runtime)
            {
                return;
            }

            LogDraining(_options.HubId, _options.DrainTimeout);
            var wasIdle = await runtime.DrainAsync(cancellationToken);
            await runtime.DisposeAsync();
            _runtime = null;
            LogStopped(_options.HubId, wasIdle ? "every connection had ended" : "connections that were still open were cut");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The state right now, as <c>GET /api/v1/status</c> shows it. Works at any time.</summary>
    public HubStatus GetStatus() => _runtime?.GetStatus() ?? new HubStatus
    {
        Running = false,
        HubId = _options.HubId,
        TunnelPort = _options.TunnelPort,
        Registry = new RegistryStatus(_options.Redis is null ? "memory" : "redis", Healthy: false),
    };

    /// <summary>
    /// Makes the registry exactly this list, for the whole cluster: a full reconcile. With anything wrong in it nothing is changed and the
    /// result holds every error.
    /// </summary>
    /// <exception cref="InvalidOperationException">The hub does not run.</exception>
    /// <exception cref="RegistryUnavailableException">The registry cannot be asked.</exception>
    public Task<ReconcileResult> UpdateAllowedEdgesAsync(IReadOnlyList<AllowedEdge> edges, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edges);
        var runtime = _runtime ?? throw new InvalidOperationException("The hub does not run.");
        return runtime.UpdateAllowedEdgesAsync(edges, cancellationToken);
    }

    /// <summary>Stops the hub as <see cref="StopAsync"/> does, drain included.</summary>
    public async ValueTask DisposeAsync() => await StopAsync();

    private void RequestDrain()
    {
        LogDrainAsked(_options.HubId);
        _ = Task.Run(() => DrainAsync(_drained));
    }

    private async Task DrainAsync(TaskCompletionSource drained)
    {
        try
        {
            await StopAsync();
            drained.TrySetResult();
        }
        catch (Exception e)
        {
            drained.TrySetException(e);
        }
    }

    // A connection takes one here; what the rest of the process has is a few hundred.
    private void TellDescriptors(int limit)
    {
        var wanted = (long)_options.MaxStreams + _options.ReservedDescriptors + OwnDescriptors;
        if (limit >= wanted)
        {
            LogDescriptors(_options.HubId, limit);
        }
        else
        {
            LogFewDescriptors(_options.HubId, limit, _options.MaxStreams, wanted);
        }
    }

    private async Task WatchAsync(HubRuntime runtime)
    {
        try
        {
            await runtime.Failed;
        }
        catch (Exception e)
        {
            LogFailed(_options.HubId, e);
            _faulted.TrySetException(e);
        }
    }

    [LoggerMessage(3010, LogLevel.Information, "Hub {HubId} takes tunnels on port {Port}", EventName = "HubStarted")]
    private partial void LogStarted(string hubId, int port);

    [LoggerMessage(3016, LogLevel.Information, "Hub {HubId} was asked to drain", EventName = "DrainAsked")]
    private partial void LogDrainAsked(string hubId);

    [LoggerMessage(3014, LogLevel.Information, "Hub {HubId} may open {Limit} files and sockets", EventName = "Descriptors")]
    private partial void LogDescriptors(string hubId, int limit);

    [LoggerMessage(
        3015, LogLevel.Warning,
        "Hub {HubId} may open {Limit} files and sockets, too few for maxStreams ({MaxStreams}): connections beyond are refused; raise the limit to {Wanted} (ulimit -n, LimitNOFILE) or lower maxStreams",
        EventName = "FewDescriptors")]
    private partial void LogFewDescriptors(string hubId, int limit, int maxStreams, long wanted);

    [LoggerMessage(3011, LogLevel.Information, "Hub {HubId} drains: no new connections, up to {Timeout} for those that are open", EventName = "HubDraining")]
    private partial void LogDraining(string hubId, TimeSpan timeout);

    [LoggerMessage(3012, LogLevel.Information, "Hub {HubId} stopped: {Outcome}", EventName = "HubStopped")]
    private partial void LogStopped(string hubId, string outcome);

    [LoggerMessage(3013, LogLevel.Critical, "Hub {HubId}: an internal loop cannot be kept going, restart the process", EventName = "HubFailed")]
    private partial void LogFailed(string hubId, Exception exception);
}
