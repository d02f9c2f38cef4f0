using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using RemoteIngress.ClusterTls;

namespace RemoteIngress.Client;

/// <summary>The Orleans client, in a host of its own. Connects once, in the background, and for as long as it takes.</summary>
internal sealed partial class ClusterConnection(
    IOptions<RemoteIngressClientOptions> options, TimeProvider time, ILoggerFactory loggers, ILogger<ClusterConnection> logger) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly ClusterTlsMiddleware? _tls = Tls(options.Value, time, loggers);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private Task<IHost>? _connecting;
    private bool _stopped;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = ConnectAsync();
        return Task.CompletedTask;
    }

    /// <summary>The grains, as soon as a hub is found.</summary>
    public async Task<IGrainFactory> GetGrainsAsync(CancellationToken cancellationToken)
    {
        var host = await ConnectAsync().WaitAsync(cancellationToken);
        return host.Services.GetRequiredService<IGrainFactory>();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
        }

        await _stopping.CancelAsync();
        if (_connecting is not { } connecting)
        {
            return;
        }

        try
        {
            var host = await connecting;
            await host.StopAsync(cancellationToken);
            await ((IAsyncDisposable)host).DisposeAsync();
        }
        catch (OperationCanceledException)
        {
            // it was still looking for a hub
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private Task<IHost> ConnectAsync()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            return _connecting ??= Task.Run(RunAsync);
        }
    }

    private async Task<IHost> RunAsync()
    {
        while (true)
        {
            var host = Build();
            try
            {
                await host.StartAsync(_stopping.Token);
                LogConnected(options.Value.ClusterId);
                return host;
            }
            catch (Exception e)
            {
                host.Dispose();
                _stopping.Token.ThrowIfCancellationRequested();
                LogRetry(options.Value.ClusterId, e.GetType().Name);
            }

            await Task.Delay(RetryPause, time, _stopping.Token);
        }
    }

    private static ClusterTlsMiddleware? Tls(RemoteIngressClientOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<ClusterTlsMiddleware>();
        return ClusterTlsFiles.From(options.ClusterCa, options.ClusterCert, options.ClusterKey) is { } files
            ? new ClusterTlsMiddleware(new ClusterCertificates(files, ClusterRole.Client, time, logger), time, logger)
            : null;
    }

    private IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLoggerFactory(loggers));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(cluster =>
                (cluster.ClusterId, cluster.ServiceId) = (options.Value.ClusterId, options.Value.ClusterId));
            client.UseRedisClustering(redis => redis.ConfigurationOptions = RedisConnection.Parse(options.Value.Redis));

            // the defaults keep calls to a dead hub waiting for 30 s, and its address in use for 60 s
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(3));
            client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
            if (_tls is { } tls)
            {
                client.Configure<ClientConnectionOptions>(connections => connections.ConfigureConnection(tls.Dial));
            }

            client.UseConnectionRetryFilter(async (_, cancellationToken) =>
            {
                LogRetry(options.Value.ClusterId, "no hub found");
                await Task.Delay(RetryPause, time, cancellationToken);
                return true;
            });
        });
        return builder.Build();
    }

    [LoggerMessage(4001, LogLevel.Information, "Connected to the hubs of cluster {ClusterId}", EventName = "ClientConnected")]
    private partial void LogConnected(string clusterId);

    [LoggerMessage(4002, LogLevel.Debug, "The hubs of cluster {ClusterId} cannot be reached yet ({Reason}); trying again", EventName = "ClientRetry")]
    private partial void LogRetry(string clusterId, string reason);
}
