using Microsoft.Extensions.Logging;

namespace RemoteIngress.Hub.Silo;

/// <summary>
/// Keeps a silo running for as long as the hub does: tries until one starts, and builds the next when the cluster declared it dead. The tunnels of the hub
/// know nothing of it.
/// </summary>
/// <param name="start">Builds and starts one.</param>
/// <param name="entered">Called when one runs.</param>
/// <param name="options">Of the hub.</param>
/// <param name="counters">Told of silos that were built again.</param>
/// <param name="time">Source of time.</param>
/// <param name="logger">Told once why none runs, and when one does.</param>
internal sealed partial class SiloKeeper(
    Func<CancellationToken, Task<SiloRun>> start, Action<SiloRun> entered, HubOptions options, SiloCounters counters, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    private const string Joining = "the silo is still joining its cluster";
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    // One that lives shorter failed, as far as the next pause is concerned.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);

    private readonly ILogger _logger = logger;
    private Task<SiloRun>? _attempt;
    private volatile SiloRun? _current;
    private volatile string? _problem = Joining;
    private bool _wasDeclaredDead;

    /// <summary>The silo that runs.</summary>
    public SiloRun? Current => _current;

    /// <summary>Why none runs; <see langword="null"/> while one does.</summary>
    public string? Problem => _current is null ? _problem : null;

    /// <summary>The first attempt. Throws what it failed of; false: it goes on, and <see cref="RunAsync"/> will see its end.</summary>
    public async Task<bool> TryFirstAsync(TimeSpan most, CancellationToken stopping, CancellationToken cancellationToken)
    {
        var attempt = start(stopping);
        _attempt = attempt;
        try
        {
            var run = await attempt.WaitAsync(most, time, cancellationToken);
            _attempt = null;
            Enter(run);
            return true;
        }
        catch (TimeoutException) when (!attempt.IsCompleted)
        {
            LogNotStarted(options.HubId, Joining);
            return false;
        }
    }

    /// <summary>The first attempt failed of something that may pass.</summary>
    public void GoOnAfter(Exception exception)
    {
        _attempt = null;
        Fail(exception);
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        var pause = FirstPause;
        while (true)
        {
            if (await StartedAsync(stopping) is not { } run)
            {
                await Task.Delay(pause, time, stopping);
                pause = Longer(pause);
                continue;
            }

            var reason = await run.Died.WaitAsync(stopping);
            if (options.Redis is null)
            {
                // its registry was in its memory: another one would have none, and take that for the word of its operator
                LogLost(options.HubId, reason);
                return;
            }

            LogDeclaredDead(options.HubId, reason.Split('\n')[0]);
            (_current, _problem, _wasDeclaredDead) = (null, "the cluster declared this hub dead, its silo is being built again", true);
            pause = run.Age >= Settled ? FirstPause : Longer(pause);
            await run.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_attempt is { } attempt)
        {
            await attempt.ContinueWith(static _ => { }, TaskScheduler.Default);
            _current ??= attempt.IsCompletedSuccessfully ? attempt.Result : null;
        }

        if (_current is { } run)
        {
            _current = null;
            await run.DisposeAsync();
        }

        _problem = "the silo of this hub was stopped";
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private async Task<SiloRun?> StartedAsync(CancellationToken stopping)
    {
        if (_current is { } running)
        {
            return running;
        }

        try
        {
            var run = await (_attempt ??= start(stopping));
            _attempt = null;
            Enter(run);
            return run;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            GoOnAfter(e);
            return null;
        }
    }

    private void Enter(SiloRun run)
    {
        _current = run;
        _problem = Joining;
        if (_wasDeclaredDead)
        {
            _wasDeclaredDead = false;
            counters.Rebuilt();
            LogRebuilt(options.HubId);
        }

        entered(run);
    }

    private void Fail(Exception exception)
    {
        var problem = SiloFailures.Describe(exception);
        if (problem != _problem)
        {
            _problem = problem;
            LogNotStarted(options.HubId, problem);
        }
    }

    [LoggerMessage(
        3234, LogLevel.Warning,
        "Hub {HubId} has no registry yet and goes on trying; it takes tunnels of edges that it can know without: {Reason}", EventName = "SiloNotStarted")]
    private partial void LogNotStarted(string hubId, string reason);

    [LoggerMessage(3232, LogLevel.Warning, "Hub {HubId} was declared dead by its cluster: its silo is built again, its tunnels go on: {Reason}", EventName = "SiloDeclaredDead")]
    private partial void LogDeclaredDead(string hubId, string reason);

    [LoggerMessage(3235, LogLevel.Warning, "Hub {HubId} is part of its cluster again", EventName = "SiloRebuilt")]
    private partial void LogRebuilt(string hubId);

    [LoggerMessage(3236, LogLevel.Critical, "Hub {HubId} has lost its registry until it is restarted; its tunnels go on: {Reason}", EventName = "SiloLost")]
    private partial void LogLost(string hubId, string reason);
}
