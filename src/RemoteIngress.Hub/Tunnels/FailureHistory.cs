using System.Net;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// Makes guessing slow: after a few (<see cref="Free"/>) failed authentications of an address within a minute each further attempt from there waits
/// before it is challenged, twice as long every time. Only a few seconds at most, so that an edge with the right secret behind the same
/// address still gets in. Bounded in addresses; beyond that they share one history. Thread-safe.
/// </summary>
internal sealed class FailureHistory(TimeProvider time, int free = FailureHistory.Free, TimeSpan? longest = null)
{
    /// <summary>Failures within a minute that cost nothing.</summary>
    internal const int Free = 4;

    /// <summary>Addresses remembered at once.</summary>
    internal const int MaxAddresses = 4096;

    /// <summary>Well below the time a handshake may take.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly TimeSpan _longest = longest ?? Longest;
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Entry> _entries = [];

    /// <summary>An attempt from <paramref name="address"/> proved no knowledge of a secret.</summary>
    internal void Add(IPAddress address)
    {
        lock (_lock)
        {
            var key = Key(address);
            if (!_entries.TryGetValue(key, out var entry) || IsOver(entry))
            {
                MakeRoom();
                key = Key(address);
                entry = _entries[key] = new Entry { Since = time.GetTimestamp() };
            }

            entry.Count++;
        }
    }

    /// <summary>How long the next attempt from <paramref name="address"/> has to wait.</summary>
    internal TimeSpan Delay(IPAddress address)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(Key(address), out var entry) || IsOver(entry) || entry.Count <= free)
            {
                return TimeSpan.Zero;
            }

            var delay = First * Math.Pow(2, Math.Min(entry.Count - free - 1, 16));
            return delay < _longest ? delay : _longest;
        }
    }

    private IPAddress Key(IPAddress address)
    {
        var network = Admission.NetworkOf(address);
        return _entries.Count < MaxAddresses || _entries.ContainsKey(network) ? network : IPAddress.Any;
    }

    private void MakeRoom()
    {
        if (_entries.Count < MaxAddresses)
        {
            return;
        }

        foreach (var (address, entry) in _entries)
        {
            if (IsOver(entry))
            {
                _entries.Remove(address);
            }
        }
    }

    private bool IsOver(Entry entry) => time.GetElapsedTime(entry.Since) >= Window;

    private sealed class Entry
    {
        internal required long Since { get; init; }

        internal int Count { get; set; }
    }
}
