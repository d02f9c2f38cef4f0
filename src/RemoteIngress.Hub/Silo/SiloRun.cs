using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RemoteIngress.Hub.Silo;

/// <summary>One silo from its start to its end, or to the moment when its cluster declares it dead.</summary>
internal sealed partial class SiloRun : IAsyncDisposable
{
    private const int StartAttempts = 3;

    // An end that Orleans does not find must not keep its successor waiting.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(15);

    private readonly IHost _host;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly long _since;
    private readonly CancellationTokenSource _ended = new();

    private SiloRun(IHost host, Task<string> died, TimeProvider time, ILogger logger)
    {
        _host = host;
        _logger = logger;
        _time = time;
        _since = time.GetTimestamp();
        Died = died;
        Grains = Get<IGrainFactory>();
    }

    /// <summary>Completes with the reason when the cluster declares this silo dead.</summary>
    public Task<string> Died { get; }

    public IGrainFactory Grains { get; }

    /// <summary>How long it has been running.</summary>
    public TimeSpan Age => _time.GetElapsedTime(_since);

    /// <summary>Cancelled when it ends.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Builds and starts one; a port that somebody else took in the meantime is chosen anew.</summary>
    public static async Task<SiloRun> StartAsync(
        SiloBuilder builder, SiloPorts ports, HubOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            ports.Choose();
            var died = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            var host = builder.Build(reason => died.TrySetResult(reason));
            try
            {
                await host.StartAsync(cancellationToken);
                return new SiloRun(host, died.Task, time, logger);
            }
            catch (Exception e)
            {
                await EndAsync(host, time, logger);
                if (!SiloFailures.IsPortTaken(e) || attempt == StartAttempts || options.SiloPort != 0)
                {
                    throw;
                }
            }
        }
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Leaves the cluster, if it is still in it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await EndAsync(_host, _time, _logger);
        _ended.Dispose();
    }

    private static async Task EndAsync(IHost host, TimeProvider time, ILogger logger)
    {
        try
        {
            await Task.Run(async () =>
            {
                await host.StopAsync(CancellationToken.None);
                await ((IAsyncDisposable)host).DisposeAsync();
            }).WaitAsync(EndTimeout, time);
        }
        catch (Exception e)
        {
            // it is going away: whatever it still complains about changes nothing
            LogStopFailed(logger, e.Message);
        }
    }

    [LoggerMessage(3233, LogLevel.Debug, "The silo did not stop cleanly: {Reason}", EventName = "SiloStopFailed")]
    private static partial void LogStopFailed(ILogger logger, string reason);
}
