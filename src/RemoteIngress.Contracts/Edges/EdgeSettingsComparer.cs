using System.Collections.Immutable;

namespace RemoteIngress.Contracts;

/// <summary>
/// Decides whether two settings ask the same of an edge. Ports and blocked addresses are sets (order does not matter),
/// rules and rate limits are lists (it does), and nothing, null and empty are one.
/// </summary>
public sealed class EdgeSettingsComparer : IEqualityComparer<EdgeSettings>
{
    /// <summary>The comparer; it has no state.</summary>
    public static EdgeSettingsComparer Instance { get; } = new();

    private EdgeSettingsComparer()
    {
    }

    /// <inheritdoc/>
    public bool Equals(EdgeSettings? x, EdgeSettings? y)
    {
        if (ReferenceEquals(x, y))
        {
            return true;
        }

        return x is not null
            && y is not null
            && SameSet(x.ListenPorts, y.ListenPorts)
            && SameSet(x.ListenPortsUdp, y.ListenPortsUdp)
            && x.StunIntervalSecs == y.StunIntervalSecs
            && SameFirewall(x.FirewallConfig, y.FirewallConfig)
            && SamePortOptions(x.PortOptions, y.PortOptions);
    }

    /// <inheritdoc/>
    public int GetHashCode(EdgeSettings obj)
    {
        ArgumentNullException.ThrowIfNull(obj);

        // sums, because the order of ports does not count
        return HashCode.Combine(Items(obj.ListenPorts).Sum(), Items(obj.ListenPortsUdp).Sum(), obj.StunIntervalSecs);
    }

    private static bool SameFirewall(FirewallConfig? x, FirewallConfig? y) =>
        SameSet(Of(x?.BlockedIps), Of(y?.BlockedIps))
        && Of(x?.RateLimits).SequenceEqual(Of(y?.RateLimits))
        && Of(x?.Rules).SequenceEqual(Of(y?.Rules));

    private static bool SamePortOptions(ImmutableDictionary<string, PortOptions>? x, ImmutableDictionary<string, PortOptions>? y)
    {
        x ??= ImmutableDictionary<string, PortOptions>.Empty;
        y ??= ImmutableDictionary<string, PortOptions>.Empty;
        return x.Count == y.Count && x.All(pair => y.TryGetValue(pair.Key, out var other) && pair.Value == other);
    }

    private static bool SameSet<T>(ImmutableArray<T> x, ImmutableArray<T> y) =>
        Items(x).Length == Items(y).Length && Items(x).ToHashSet().SetEquals(Items(y));

    private static ImmutableArray<T> Of<T>(ImmutableArray<T>? list) => Items(list.GetValueOrDefault());

    private static ImmutableArray<T> Items<T>(ImmutableArray<T> list) => list.IsDefault ? [] : list;
}
