using System.Net;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// Decides which refusals are worth a line, so that nobody can flood the log from outside: the first of an address for a reason and an edge
/// id at once, the others of that minute as one number. Bounded in addresses, and for each in edge ids (a guesser has many); beyond that,
/// all share one line. Not thread-safe.
/// </summary>
internal sealed class RefusalLog(TimeProvider time)
{
    /// <summary>Pairs of address and reason remembered at once.</summary>
    internal const int MaxKeys = 4096;

    /// <summary>Edge ids of one address that get a line of their own within a minute, for each reason.</summary>
    internal const int MaxEdgesPerAddress = 8;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(IPAddress Address, TunnelEndReason Reason), Entry> _entries = [];

    /// <summary>Whether this one is to be logged now.</summary>
    internal bool IsNew(IPAddress address, string? edgeId, TunnelEndReason reason)
    {
        var key = (_entries.Count < MaxKeys || _entries.ContainsKey((address, reason)) ? address : IPAddress.Any, reason);
        if (!_entries.TryGetValue(key, out var entry))
        {
            _entries.Add(key, entry = new Entry { Since = time.GetTimestamp() });
        }

        if (entry.EdgeIds.Count < MaxEdgesPerAddress && entry.EdgeIds.Add(edgeId ?? ""))
        {
            return true;
        }

        entry.Suppressed++;
        return false;
    }

    /// <summary>Forgets what is older than a minute; returns what was held back in it.</summary>
    internal IReadOnlyList<(IPAddress Address, TunnelEndReason Reason, int Count)> TakeExpired()
    {
        var held = new List<(IPAddress, TunnelEndReason, int)>();
        foreach (var (key, entry) in _entries)
        {
            if (time.GetElapsedTime(entry.Since) >= Window)
            {
                _entries.Remove(key);
                if (entry.Suppressed > 0)
                {
                    held.Add((key.Address, key.Reason, entry.Suppressed));
                }
            }
        }

        return held;
    }

    private sealed class Entry
    {
        internal required long Since { get; init; }

        internal HashSet<string> EdgeIds { get; } = [];

        internal int Suppressed { get; set; }
    }
}
