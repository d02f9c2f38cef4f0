using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Testing.Transport;

/// <summary>Ways of tests to work with a running loop.</summary>
internal static class LoopExtensions
{
    /// <summary>Runs <paramref name="action"/> on the loop and waits for it.</summary>
    internal static Task RunAsync(this EventLoop loop, Action action) => loop.InvokeAsync(() =>
    {
        action();
        return true;
    });

    /// <summary>Waits until a whole turn (events, commands, timers, turns) has passed that began after this call.</summary>
    internal static async Task PassTurnAsync(this EventLoop loop)
    {
        await loop.InvokeAsync(() => true);
        await loop.InvokeAsync(() => true);
    }

    internal static Task UntilAsync(this EventLoop loop, Func<bool> condition, string what) => loop.UntilAsync(condition, () => what);

    /// <summary>Waits for something on the loop to come true, turn by turn; the limit is for a test that would hang.</summary>
    internal static async Task UntilAsync(this EventLoop loop, Func<bool> condition, Func<string> what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await loop.InvokeAsync(condition))
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException(what());
            }

            await Task.Yield();
        }
    }
}
