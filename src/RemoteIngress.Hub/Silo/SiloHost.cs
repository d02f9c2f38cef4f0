using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Registry.LastKnown;
using RemoteIngress.Transport.Supervision;
using StackExchange.Redis;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// The Orleans silo of a hub, in a host of its own: the tunnels must outlive it. Owns the silo, the poll behind the push, and the
/// calls into the registry, which can be used (and answer "cannot be asked") before it runs and after it stopped.
/// </summary>
internal sealed partial class SiloHost : IAsyncDisposable
{
    private const int StartAttempts = 3;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly HubOptions _options;
    private readonly IEdgeChangeSink _sink;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Supervisor _supervisor;
    private readonly RegistryCalls _calls;
    private readonly EdgeRegistry _registry;
    private readonly RegistryPoller _poller;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IHost? _host;
    private volatile IGrainFactory? _grains;
    private Task _background = Task.CompletedTask;
    private RedisHealth? _redis;

    public SiloHost(HubOptions options, IEdgeChangeSink sink, ILoggerFactory loggers, TimeProvider time, Supervisor supervisor)
    {
        _options = options;
        _sink = new RememberingSink(sink, Known = new LastKnownEdges(time));
        _loggers = loggers;
        _logger = loggers.CreateLogger<SiloHost>();
        _time = time;
        _supervisor = supervisor;
        _calls = new RegistryCalls(() => _grains, time);
        _registry = new EdgeRegistry(_calls, Known);
        _poller = new RegistryPoller(_registry, _sink, time, loggers.CreateLogger<RegistryPoller>());
        Edges = new EdgeManager(_calls);
    }

    /// <summary>The registry for the data plane.</summary>
    public IEdgeRegistry Registry => _registry;

    /// <summary>The registry for managers.</summary>
    public EdgeManager Edges { get; }

    /// <summary>What the registry said last of the edges that came here.</summary>
    public LastKnownEdges Known { get; }

    /// <summary>Whether the silo is part of its cluster.</summary>
    public bool IsRunning => _grains is not null;

    /// <summary>The port between hubs, once started.</summary>
    public int SiloPort { get; private set; }

    /// <summary>The port for Orleans clients, once started; 0 when there is none.</summary>
    public int GatewayPort { get; private set; }

    public RegistryStatus Status => new(
        _options.Redis is null ? "memory" : "redis",
        IsRunning && (_redis?.IsHealthy ?? _calls.Answered));

    /// <summary>Starts the silo, then makes the registry what the options say. Throws <see cref="HubStartException"/>.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Redis is { } redis)
        {
            _redis = await RedisHealth.ConnectAsync(RedisConnection.Parse(redis), _time, _logger);
        }

        var host = _host = await StartSiloAsync(cancellationToken);
        _grains = host.Services.GetRequiredService<IGrainFactory>();
        _background = RunInBackgroundAsync(host);
        await SeedAsync(cancellationToken);
    }

    /// <summary>Leaves the cluster and stops. Safe to call twice.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await StopSiloAsync(cancellationToken);
        await _background;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _poller.Dispose();
        _stopping.Dispose();
        _gate.Dispose();
    }

    private async Task<IHost> StartSiloAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var host = Build();
            try
            {
                await host.StartAsync(cancellationToken);
                LogStarted(_options.HubId, _options.Redis is null ? "memory" : "redis", SiloPort, GatewayPort);
                return host;
            }
            catch (Exception e)
            {
                await DisposeAsync(host);
                if (FindCause<SocketException>(e) is { SocketErrorCode: SocketError.AddressAlreadyInUse })
                {
                    if (attempt < StartAttempts && _options.SiloPort == 0)
                    {
                        continue;
                    }

                    throw new HubStartException(PortInUse(), e);
                }

                if (FindCause<SocketException>(e) is { SocketErrorCode: SocketError.AddressNotAvailable })
                {
                    throw new HubStartException($"--silo-address {_options.SiloAddress}: is not an address of this host", e);
                }

                if (FindCause<RedisException>(e) is not null)
                {
                    throw new HubStartException(RedisHealth.Unreachable, e);
                }

                throw;
            }
        }
    }

    // The exception does not say which of the two it was; a port that was found free or is not used cannot be meant.
    private string PortInUse() => (_options.SiloPort, _options.GatewayPort) switch
    {
        (_, 0) => $"--silo-port: {SiloPort} is in use by another program; choose another one, or 0 for a free one",
        (0, _) => $"--gateway-port: {GatewayPort} is in use by another program; choose another one, or 0 for a free one",
        _ => $"--silo-port, --gateway-port: {SiloPort} or {GatewayPort} is in use by another program; choose others, or 0 for free ones",
    };

    private IHost Build()
    {
        var address = IPAddress.Parse(_options.SiloAddress);
        SiloPort = _options.SiloPort != 0 ? _options.SiloPort : FreePort.Find(address);
        GatewayPort = _options.GatewayPort != 0 || _options.Redis is null ? _options.GatewayPort : FreePort.Find(address);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<ILoggerFactory>(new OrleansLogFilter(_loggers));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopTimeout);
        builder.UseOrleans(silo => Configure(silo, address));
        return builder.Build();
    }

    private void Configure(ISiloBuilder silo, IPAddress address)
    {
        silo.AddRegistry(_sink, _options, _time).UseFastMembership();
        silo.Services.AddSingleton<IFatalErrorHandler>(new SoftFatalErrorHandler(OnDeclaredDead));
        silo.Configure<SiloOptions>(options => options.SiloName = _options.HubId);
        if (_options.Redis is { } redis)
        {
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (_options.ClusterId, _options.ClusterId));
            silo.ConfigureEndpoints(address, SiloPort, GatewayPort);
            silo.UseRedisClustering(options => options.ConfigurationOptions = RedisConnection.Parse(redis));
            silo.AddRedisRegistryStorage(redis);
        }
        else
        {
            // a cluster of one; its name is nobody else's, so that several side by side never meet
            var name = $"{_options.ClusterId}-{Guid.NewGuid():N}";
            silo.UseLocalhostClustering(SiloPort, GatewayPort, primarySiloEndpoint: null, serviceId: name, clusterId: name);
            silo.AddMemoryRegistryStorage();
        }
    }

    private async Task SeedAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_options.AllowedEdges is not { } edges)
            {
                await Edges.TouchAsync(cancellationToken);
                return;
            }

            var result = await Edges.UpdateAllowedEdgesAsync(edges, cancellationToken);
            if (!result.Succeeded)
            {
                throw new HubStartException([.. result.Errors.Select(error => $"--allowed-edges: {error}")]);
            }

            LogSeeded(result.Created.Length, result.Updated.Length, result.Removed.Length, result.Unchanged.Length);
        }
        catch (RegistryUnavailableException e)
        {
            throw new HubStartException(_options.Redis is null ? e.Message : RedisHealth.Unreachable, e);
        }
    }

    // Without its poll a hub would miss changes without anybody knowing.
    private Task RunInBackgroundAsync(IHost host)
    {
        var membership = host.Services.GetRequiredService<IClusterMembershipService>();
        var stopping = _stopping.Token;
        return Task.WhenAll(
            _supervisor.Start("registry poll", () => _poller.RunAsync(stopping), stopping),
            _supervisor.Start("membership", () => WatchMembershipAsync(membership, stopping), stopping),
            _redis is { } redis ? _supervisor.Start("redis health", () => redis.RunAsync(stopping), stopping) : Task.CompletedTask);
    }

    private async Task WatchMembershipAsync(IClusterMembershipService membership, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(cancellationToken))
            {
                _poller.Wake();
            }
        }
        catch (Exception) when (!IsRunning)
        {
            // the silo was declared dead: there is nothing to watch any more, and the hub serves what it knows
        }
    }

    // Seam: a later version builds a new silo here. Until then the hub lives on without a registry, and says so in its status.
    private void OnDeclaredDead(string reason)
    {
        LogDeclaredDead(_options.HubId, reason.Split('\n')[0]);
        _ = Task.Run(() => StopSiloAsync(CancellationToken.None));
    }

    private async Task StopSiloAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _grains = null;
            if (_host is { } host)
            {
                _host = null;
                await DisposeAsync(host);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task DisposeAsync(IHost host)
    {
        try
        {
            await host.StopAsync(CancellationToken.None);
            await ((IAsyncDisposable)host).DisposeAsync();
        }
        catch (Exception e)
        {
            // it is going away: whatever it still complains about changes nothing
            LogStopFailed(e.Message);
        }
    }

    private static T? FindCause<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T cause)
            {
                return cause;
            }

            if (exception is AggregateException aggregate
                && aggregate.InnerExceptions.Select(FindCause<T>).FirstOrDefault(found => found is not null) is { } inner)
            {
                return inner;
            }
        }

        return null;
    }
}
