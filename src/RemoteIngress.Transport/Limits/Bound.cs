namespace RemoteIngress.Transport.Limits;

/// <summary>
/// How many of something may exist at once, over all loops. One interlocked operation when something begins and one when it ends: never
/// per frame. Thread-safe.
/// </summary>
internal sealed class Bound(int max)
{
    private int _count;

    internal int Max { get; } = max;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Counts one more; false, and nothing is counted, when there is no place.</summary>
    internal bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= Max)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>One of those that entered is gone.</summary>
    internal void Leave() => Interlocked.Decrement(ref _count);
}
