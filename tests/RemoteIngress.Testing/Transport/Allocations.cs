namespace RemoteIngress.Testing.Transport;

/// <summary>Counts what this thread allocates.</summary>
internal static class Allocations
{
    private const int WarmUp = 50;
    private const int Rounds = 50;
    private const int Attempts = 5;

    /// <summary>
    /// Bytes that many runs of <paramref name="action"/> allocate once it is warm: the least of a few attempts, since a collection may
    /// empty an array pool in between.
    /// </summary>
    internal static long Of(Action action)
    {
        Repeat(action, WarmUp);
        var least = long.MaxValue;
        for (var attempt = 0; attempt < Attempts && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Repeat(action, Rounds);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static void Repeat(Action action, int times)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }
}
