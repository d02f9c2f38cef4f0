using Microsoft.Extensions.Logging;
using RemoteIngress.ClusterTls;
using RemoteIngress.Hub.Cluster;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Registry.LastKnown;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// The registry's side of a hub: the silos that it has one after another, each in a host of its own, since the tunnels must outlive them; the poll behind
/// the push; what repairs Redis; and the calls into the registry, which can be used (and answer "cannot be asked") whether a silo runs or not.
/// </summary>
internal sealed partial class SiloHost : IAsyncDisposable
{
    // With Redis a hub does not wait longer for its first silo before it takes tunnels; to join usually takes one or two.
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SeedRetryPeriod = TimeSpan.FromSeconds(1);

    private readonly HubOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Supervisor _supervisor;
    private readonly RegistryCalls _calls;
    private readonly EdgeRegistry _registry;
    private readonly RegistryPoller _poller;
    private readonly SiloPorts _ports;
    private readonly SiloKeeper _keeper;
    private readonly SharedDecoyKey _decoys;
    private readonly RegistryRepair _repair;
    private readonly CancellationTokenSource _stopping = new();
    private Task _background = Task.CompletedTask;
    private Task _besideSilo = Task.CompletedTask;
    private RedisLink? _redis;
    private MembershipHealer? _healer;
    private bool _isSeeded;

    public SiloHost(
        HubOptions options,
        IEdgeChangeSink sink,
        HubDirectory hubs,
        ILoggerFactory loggers,
        TimeProvider time,
        Supervisor supervisor,
        ClusterTlsMiddleware? tls = null)
    {
        _options = options;
        var remembering = new RememberingSink(sink, Known = new LastKnownEdges(time));
        _loggers = loggers;
        _logger = loggers.CreateLogger<SiloHost>();
        _time = time;
        _supervisor = supervisor;
        _calls = new RegistryCalls(() => Grains, time);
        _registry = new EdgeRegistry(_calls, Known);
        _poller = new RegistryPoller(_registry, remembering, Counters, time, loggers.CreateLogger<RegistryPoller>());
        Edges = new EdgeManager(_calls);
        _decoys = new SharedDecoyKey(options, () => _redis, loggers.CreateLogger<SharedDecoyKey>());
        _repair = new RegistryRepair(Edges, _decoys, () => IsRunning, time, loggers.CreateLogger<RegistryRepair>());
        _ports = new SiloPorts(options);
        var builder = new SiloBuilder(options, _ports, tls, remembering, hubs, loggers, time);
        _keeper = new SiloKeeper(token => StartSiloAsync(builder, token), OnRunning, options, Counters, time, loggers.CreateLogger<SiloKeeper>());
    }

    /// <summary>The registry for the data plane.</summary>
    public IEdgeRegistry Registry => _registry;

    /// <summary>The registry for managers.</summary>
    public EdgeManager Edges { get; }

    /// <summary>The grains, while the silo runs.</summary>
    public IGrainFactory? Grains => _keeper.Current?.Grains;

    /// <summary>What the registry said last of the edges that came here.</summary>
    public LastKnownEdges Known { get; }

    /// <summary>Whether the silo is part of its cluster.</summary>
    public bool IsRunning => _keeper.Current is not null;

    /// <summary>Why it is not; <see langword="null"/> while it is.</summary>
    public string? NotRunningBecause => _keeper.Problem;

    /// <summary>The cluster as this hub sees it; <see langword="null"/> while it is no part of one.</summary>
    public IClusterMembershipService? Membership => _keeper.Current?.Get<IClusterMembershipService>();

    /// <summary>Whether this hub could put its own membership row back if Redis lost it.</summary>
    public bool KnowsItsRow => _healer is { KnowsItsRow: true };

    /// <summary>What happened to the silo and what was repaired.</summary>
    public SiloCounters Counters { get; } = new();

    /// <summary>From which the challenges for unknown edges are derived; that of the whole cluster as soon as it is known.</summary>
    public DecoyKey DecoyKey => _decoys.Key;

    /// <summary>The port between hubs, once started.</summary>
    public int SiloPort => _ports.Silo;

    /// <summary>The port for Orleans clients, once started; 0 when there is none.</summary>
    public int GatewayPort => _ports.Gateway;

    public RegistryStatus Status => new(
        _options.Redis is null ? "memory" : "redis",
        IsRunning && (_redis?.IsHealthy ?? _calls.Answered),
        NotRunningBecause ?? (_redis is { IsHealthy: false } ? RedisLink.Unreachable : null));

    /// <summary>
    /// Starts the silo, then makes the registry what the options say. With Redis it returns before that when Redis or the other hubs do not answer, and
    /// goes on trying. Throws <see cref="HubStartException"/> for what the operator must cure.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _ports.Check();
        _decoys.Keep();
        if (_options.Redis is { } redis)
        {
            _redis = await RedisLink.OpenAsync(RedisConnection.Parse(redis), _repair.Want, _time, _logger);
        }

        if (await TryFirstAsync(cancellationToken))
        {
            await SeedFirstAsync(cancellationToken);
        }

        _background = RunInBackgroundAsync();
    }

    /// <summary>Leaves the cluster and stops. Safe to call twice.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _background;
        await _keeper.DisposeAsync();
        await _besideSilo;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _poller.Dispose();
        _repair.Dispose();
        _stopping.Dispose();
    }

    private async Task<bool> TryFirstAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _keeper.TryFirstAsync(_options.Redis is null ? Timeout.InfiniteTimeSpan : FirstWait, _stopping.Token, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (SiloFailures.Explain(e, _options, _ports) is { } toCure)
            {
                throw toCure;
            }

            if (_options.Redis is null || !SiloFailures.IsPassing(e))
            {
                throw;
            }

            _keeper.GoOnAfter(e);
            return false;
        }
    }

    // A silo is not built before Redis answers: it would take seconds to find out what a ping says at once.
    private async Task<SiloRun> StartSiloAsync(SiloBuilder builder, CancellationToken cancellationToken)
    {
        if (_redis is { } redis)
        {
            await redis.CheckAsync(cancellationToken);
        }

        return await SiloRun.StartAsync(builder, _ports, _options, _time, _logger, cancellationToken);
    }

    private void OnRunning(SiloRun run)
    {
        LogStarted(_options.HubId, _options.Redis is null ? "memory" : "redis", SiloPort, GatewayPort);
        _ports.Remember();
        _poller.Wake();
        var membership = run.Get<IClusterMembershipService>();
        var watching = _supervisor.Start("membership", () => WatchMembershipAsync(run, membership), run.Ended);
        if (_redis is not { } redis)
        {
            _besideSilo = watching;
            return;
        }

        var healer = _healer = new MembershipHealer(run, redis, Counters, _repair.Want, _time, _loggers.CreateLogger<MembershipHealer>());
        _besideSilo = Task.WhenAll(watching, _supervisor.Start("membership healer", () => healer.RunAsync(run.Ended), run.Ended));
    }

    // Without its poll a hub would miss changes without anybody knowing.
    private Task RunInBackgroundAsync()
    {
        var stopping = _stopping.Token;
        List<Task> tasks =
        [
            _supervisor.Start("silo", () => _keeper.RunAsync(stopping), stopping),
            _supervisor.Start("registry poll", () => _poller.RunAsync(stopping), stopping),
        ];
        if (_redis is { } redis)
        {
            tasks.Add(_supervisor.Start("redis health", () => redis.RunAsync(stopping), stopping));
            tasks.Add(_supervisor.Start("registry repair", () => _repair.RunAsync(stopping), stopping));
        }

        if (!_isSeeded)
        {
            tasks.Add(_supervisor.Start("allowed edges", () => SeedLaterAsync(stopping), stopping));
        }

        return Task.WhenAll(tasks);
    }

    private async Task WatchMembershipAsync(SiloRun run, IClusterMembershipService membership)
    {
        try
        {
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(run.Ended))
            {
                _poller.Wake();
            }
        }
        catch (Exception) when (run.Died.IsCompleted || run.Ended.IsCancellationRequested)
        {
            // the next silo has a watch of its own
        }
    }
}
