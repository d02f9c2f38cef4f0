using System.Diagnostics;

namespace RemoteIngress.Testing;

/// <summary>Waits for something that cannot announce itself, such as a port of another process, under a deadline.</summary>
public static class Poll
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Returns how long it took until <paramref name="condition"/> held; names <paramref name="what"/> when it never did.</summary>
    public static async Task<TimeSpan> UntilAsync(string what, Func<CancellationToken, Task<bool>> condition, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            while (!await condition(cancellation))
            {
                await Task.Delay(Interval, cancellation);
            }

            return clock.Elapsed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"Waited {clock.Elapsed.TotalSeconds:0.0} s for: {what}");
        }
    }

    public static Task<TimeSpan> UntilAsync(string what, Func<bool> condition, CancellationToken cancellation) =>
        UntilAsync(what, _ => Task.FromResult(condition()), cancellation);
}
