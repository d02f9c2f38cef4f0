namespace RemoteIngress.Hub.Registry;

/// <summary>
/// Runs one call for each item, some at a time. By hand and not by Parallel.ForEachAsync, which would leave the grain's scheduler.
/// </summary>
internal static class BoundedFanOut
{
    public const int DefaultConcurrency = 64;

    /// <summary>Results in the order of the items. The first failure is thrown, after the calls under way have ended.</summary>
    public static async Task<TResult[]> RunAsync<T, TResult>(
        IReadOnlyList<T> items, Func<T, Task<TResult>> call, int concurrency = DefaultConcurrency)
    {
        var results = new TResult[items.Count];
        var next = 0;
        var failed = false;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(concurrency, items.Count)).Select(_ => WorkAsync()));
        return results;

        async Task WorkAsync()
        {
            while (!Volatile.Read(ref failed))
            {
                var index = Interlocked.Increment(ref next) - 1;
                if (index >= items.Count)
                {
                    return;
                }

                try
                {
                    results[index] = await call(items[index]);
                }
                catch
                {
                    Volatile.Write(ref failed, true);
                    throw;
                }
            }
        }
    }
}
