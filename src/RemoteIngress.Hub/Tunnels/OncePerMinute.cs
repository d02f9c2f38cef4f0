namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// Decides which of many equal events is worth a line: the first within a minute at once, the others of that minute as one number. Bounded
/// in keys; what is beyond is only counted. Not thread-safe.
/// </summary>
internal sealed class OncePerMinute<TKey>(TimeProvider time)
    where TKey : notnull
{
    /// <summary>Keys remembered at once.</summary>
    internal const int MaxKeys = 4096;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Dictionary<TKey, Entry> _entries = [];

    /// <summary>Whether this one is to be logged now.</summary>
    internal bool IsNew(TKey key)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            entry.Suppressed++;
            return false;
        }

        return _entries.Count < MaxKeys && _entries.TryAdd(key, new Entry { Since = time.GetTimestamp() });
    }

    /// <summary>Forgets what is older than a minute; returns what was held back in it.</summary>
    internal IReadOnlyList<(TKey Key, int Count)> TakeExpired()
    {
        var held = new List<(TKey, int)>();
        foreach (var (key, entry) in _entries)
        {
            if (time.GetElapsedTime(entry.Since) >= Window)
            {
                _entries.Remove(key);
                if (entry.Suppressed > 0)
                {
                    held.Add((key, entry.Suppressed));
                }
            }
        }

        return held;
    }

    private sealed class Entry
    {
        internal required long Since { get; init; }

        internal int Suppressed { get; set; }
    }
}
