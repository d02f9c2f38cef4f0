using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace RemoteIngress.Transport.Supervision;

/// <summary>
/// Keeps the internal loops of one hub or edge alive, those that are threads and those that are tasks: what dies of a defect is started again
/// after a growing delay, and given up when it dies more than <see cref="MaxCrashes"/> times within a minute. Thread-safe.
/// </summary>
/// <param name="time">Source of time.</param>
/// <param name="logger">Every crash is a line at Error.</param>
/// <param name="recovered">Told when something works again; must not block.</param>
/// <param name="gaveUp">Told before <see cref="Failed"/> faults.</param>
internal sealed partial class Supervisor(
    TimeProvider time, ILogger logger, Action<CrashRecoveredEventArgs> recovered, Action<CrashRecoveryFailedEventArgs> gaveUp)
{
    /// <summary>Crashes of one loop within a minute that it is started again for.</summary>
    internal const int MaxCrashes = 5;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _logger = logger;
    private readonly ConcurrentDictionary<string, long> _crashes = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Faults when a loop was given up; never completes otherwise.</summary>
    internal Task Failed => _failed.Task;

    /// <summary>Runs a task of the thread pool until it ends by itself or <paramref name="stopping"/>. The task given back never faults.</summary>
    /// <param name="name">What it is, for a person.</param>
    /// <param name="body">Started again when it throws.</param>
    /// <param name="stopping">From then on nothing is started again.</param>
    internal Task Start(string name, Func<Task> body, CancellationToken stopping) =>
        Task.Run(() => RunAsync(name, body, static () => Task.CompletedTask, stopping), CancellationToken.None);

    /// <summary>The same for something that must be made anew before it can run again.</summary>
    /// <param name="name">What it is, for a person.</param>
    /// <param name="body">Throws what it died of.</param>
    /// <param name="revive">Makes it anew; what this throws is one more crash.</param>
    /// <param name="stopping">From then on nothing is started again.</param>
    internal async Task RunAsync(string name, Func<Task> body, Func<Task> revive, CancellationToken stopping)
    {
        var history = new Queue<long>();
        var step = body;
        while (await TryAsync(step, stopping) is { } error)
        {
            var count = Note(name, error, history);
            if (stopping.IsCancellationRequested || GiveUp(name, error, count) || !await WaitAsync(count, stopping))
            {
                return;
            }

            step = () => ReviveAsync(name, error, count, body, revive);
        }
    }

    /// <summary>How often each loop died, for whoever listens to meters.</summary>
    internal void AddTo(Meter meter, string prefix) => meter.CreateObservableCounter(
        prefix + ".crashes",
        () => _crashes.Select(static pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>("remoteingress.loop", pair.Key))),
        "{crash}",
        "Internal loops that died of a defect, by loop");

    /// <summary>Type and message, for a line.</summary>
    internal static string Describe(Exception error) => $"{error.GetType().Name}: {error.Message}";

    // What it died of; null when it ended in order.
    private static async Task<Exception?> TryAsync(Func<Task> step, CancellationToken stopping)
    {
        try
        {
            await step();
            return null;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private async Task ReviveAsync(string name, Exception error, int count, Func<Task> body, Func<Task> revive)
    {
        await revive();
        Tell(() => recovered(new CrashRecoveredEventArgs(name, Describe(error), count, time.GetUtcNow())));
        await body();
    }

    private int Note(string name, Exception error, Queue<long> history)
    {
        _crashes.AddOrUpdate(name, 1, static (_, count) => count + 1);
        while (history.TryPeek(out var first) && time.GetElapsedTime(first) > Window)
        {
            history.Dequeue();
        }

        history.Enqueue(time.GetTimestamp());
        Tell(() => LogCrashed(name, error.GetType().Name, error.Message, error));
        return history.Count;
    }

    private bool GiveUp(string name, Exception error, int count)
    {
        if (count <= MaxCrashes)
        {
            return false;
        }

        Tell(() => LogGivenUp(name, count));
        Tell(() => gaveUp(new CrashRecoveryFailedEventArgs(name, Describe(error), count, time.GetUtcNow())));
        _failed.TrySetException(new LoopDiedException(name, error));

        // Whoever does not look at it is not to be told as of an unobserved exception.
        _ = _failed.Task.Exception;
        return true;
    }

    private async Task<bool> WaitAsync(int count, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(FirstDelay * (1 << (count - 1)), time, stopping);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // A logger that throws may be what this is about.
    private static void Tell(Action tell)
    {
        try
        {
            tell();
        }
        catch (Exception)
        {
            // nobody is left to be told
        }
    }

    [LoggerMessage(1101, LogLevel.Error, "{Loop} died of a defect, {Type}: {Message}", EventName = "LoopDied")]
    private partial void LogCrashed(string loop, string type, string message, Exception exception);

    [LoggerMessage(1102, LogLevel.Critical, "{Loop} died {Count} times within a minute and is not started again", EventName = "LoopGivenUp")]
    private partial void LogGivenUp(string loop, int count);
}
