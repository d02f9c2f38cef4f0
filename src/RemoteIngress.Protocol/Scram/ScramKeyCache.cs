using System.Security.Cryptography;
using System.Text;

namespace RemoteIngress.Protocol.Scram;

/// <summary>
/// Remembers the keys derived for (secret, salt, iterations), so that reconnects and the tunnels of other loops cost no
/// PBKDF2. Bounded, oldest out first. Safe for use by several threads; two that miss at once both compute.
/// </summary>
public sealed class ScramKeyCache
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ScramKeys> _entries = [];
    private readonly Queue<string> _order = new();
    private readonly int _capacity;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="capacity">Most entries; one per (secret, salt, iterations) is used.</param>
    public ScramKeyCache(int capacity = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <summary>Entries held now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>How often keys had to be derived.</summary>
    public long Misses { get; private set; }

    internal ScramKeys GetOrDerive(string secret, ReadOnlySpan<byte> salt, int iterations)
    {
        var key = Key(secret, salt, iterations);
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var known))
            {
                return known;
            }

            Misses++;
        }

        var keys = ScramKeys.Derive(secret, salt, iterations);
        lock (_lock)
        {
            Add(key, keys);
        }

        return keys;
    }

    private void Add(string key, ScramKeys keys)
    {
        if (!_entries.TryAdd(key, keys))
        {
            return;
        }

        _order.Enqueue(key);
        if (_order.Count > _capacity)
        {
            _entries.Remove(_order.Dequeue());
        }
    }

    // the secret itself is not kept; its hash under the salt cannot be mistaken for another's
    private static string Key(string secret, ReadOnlySpan<byte> salt, int iterations) =>
        $"{iterations}:{Convert.ToHexString(salt)}:{Convert.ToHexString(HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes(secret)))}";
}
