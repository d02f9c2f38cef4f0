using System.Collections.Concurrent;

namespace RemoteIngress.EndToEnd.Tests.Soak;

/// <summary>What the traffic did. What breaks while a tunnel is cut is counted apart: that is what the cut is for.</summary>
internal sealed class SoakTally
{
    private readonly ConcurrentQueue<string> _errors = new();
    private long _operations;
    private long _cutShort;
    private long _errorCount;
    private int _cutTurns;

    internal long Operations => Volatile.Read(ref _operations);

    /// <summary>Operations during which a tunnel was cut, and that failed.</summary>
    internal long CutShort => Volatile.Read(ref _cutShort);

    internal long Errors => Volatile.Read(ref _errorCount);

    internal int Cuts => Volatile.Read(ref _cutTurns) / 2;

    /// <summary>The first of them.</summary>
    internal IEnumerable<string> FirstErrors => _errors;

    internal void OnCutBegins() => Interlocked.Increment(ref _cutTurns);

    /// <summary>From now on the tunnels are as good as new.</summary>
    internal void OnCutIsOver() => Interlocked.Increment(ref _cutTurns);

    /// <summary>Runs one operation of the traffic and counts it; false when the traffic stops.</summary>
    internal async Task<bool> CountAsync(string what, Func<Task> operation, CancellationToken stop)
    {
        var cuts = Volatile.Read(ref _cutTurns);
        try
        {
            await operation();
            Interlocked.Increment(ref _operations);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception) when (cuts % 2 == 1 || cuts != Volatile.Read(ref _cutTurns))
        {
            Interlocked.Increment(ref _cutShort);
        }
        catch (Exception exception)
        {
            if (Interlocked.Increment(ref _errorCount) <= 5)
            {
                _errors.Enqueue($"{what}: {exception.GetType().Name} {exception.Message}");
            }
        }

        return !stop.IsCancellationRequested;
    }
}
