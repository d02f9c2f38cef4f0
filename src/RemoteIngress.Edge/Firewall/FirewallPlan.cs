namespace RemoteIngress.Edge.Firewall;

/// <summary>A packet filter in numbers and names of ours: nothing in it is text that a hub could have chosen, but for comments.</summary>
internal sealed record FirewallPlan
{
    internal static FirewallPlan Empty { get; } = new();

    internal IReadOnlyList<AddressRange> Blocked4 { get; init; } = [];

    internal IReadOnlyList<AddressRange> Blocked6 { get; init; } = [];

    internal IReadOnlyList<PlannedLimit> Limits { get; init; } = [];

    internal IReadOnlyList<PlannedRule> Rules { get; init; } = [];

    internal bool IsEmpty => Blocked4.Count + Blocked6.Count + Limits.Count + Rules.Count == 0;
}

/// <summary>At most <paramref name="Count"/> in <paramref name="Unit"/>, and <paramref name="Burst"/> at once.</summary>
internal sealed record PlannedLimit(FirewallComment Comment, int Port, PlannedProtocol Protocol, int Count, PlannedUnit Unit, int Burst, bool IsPerSource);

/// <summary>One rule; null is any.</summary>
internal sealed record PlannedRule(
    FirewallComment Comment, PlannedDirection Direction, PlannedAction Action, AddressRange? Source, int? Port, PlannedProtocol? Protocol);

internal enum PlannedProtocol
{
    Tcp,
    Udp,
    Both,
}

internal enum PlannedUnit
{
    Second = 1,
    Minute = 60,
    Hour = 3600,
    Day = 86400,
}

internal enum PlannedDirection
{
    Input,
    Output,
    Forward,
}

internal enum PlannedAction
{
    Accept,
    Drop,
    Reject,
}

/// <summary>The words for these, in configurations and in nft's language alike.</summary>
internal static class PlannedWords
{
    internal static string Of<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
