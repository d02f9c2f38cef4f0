using System.Globalization;
using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Edge.Firewall;

/// <summary>
/// Reads what a hub sent. Hubs check it before, but what an edge puts into its packet filter it understood itself: whatever is not
/// exactly known is an error, and nothing of such a configuration is applied.
/// </summary>
internal sealed class FirewallReader
{
    // nft's own
    private const int DefaultBurst = 5;
    private const int MaxId = 64;
    private const int MaxErrors = 5;

    private readonly List<string> _errors = [];

    private FirewallReader()
    {
    }

    /// <summary>The plan; or null and what is wrong, in one line that names fields.</summary>
    internal static FirewallPlan? Read(FirewallConfig? config, out string error)
    {
        error = "";
        if (config is null)
        {
            return FirewallPlan.Empty;
        }

        var reader = new FirewallReader();
        var plan = reader.Read(config);
        if (reader._errors.Count > 0)
        {
            var more = reader._errors.Count > MaxErrors ? $"; and {reader._errors.Count - MaxErrors} more" : "";
            error = "firewallConfig: " + string.Join("; ", reader._errors.Take(MaxErrors)) + more;
            return null;
        }

        return plan;
    }

    private FirewallPlan Read(FirewallConfig config)
    {
        var blocked = config.BlockedIps.Select((text, i) => Range(text, $"blockedIps[{i}]")).ToArray();
        return new FirewallPlan
        {
            Blocked4 = AddressRange.Merge(blocked.Where(range => !range.IsV6)),
            Blocked6 = AddressRange.Merge(blocked.Where(range => range.IsV6)),
            Limits = [.. config.RateLimits.Select((limit, i) => Limit(limit, $"rateLimits[{i}]"))],
            Rules = [.. config.Rules.Select((rule, i) => Rule(rule, $"rules[{i}]"))],
        };
    }

    private PlannedLimit Limit(RateLimit limit, string path)
    {
        var (count, unit) = Rate(limit.Rate, path + ".rate");
        if (limit.Burst is < 1)
        {
            _errors.Add($"{path}.burst is less than 1");
        }

        return new PlannedLimit(
            FirewallComment.Create(Id(limit.Id, path), null),
            Port(limit.Port, path + ".port"),
            Word(limit.Protocol, PlannedProtocol.Tcp, path + ".protocol"),
            count,
            unit,
            limit.Burst ?? DefaultBurst,
            limit.PerSourceIP);
    }

    private PlannedRule Rule(FirewallRule rule, string path) => new(
        FirewallComment.Create(Id(rule.Id, path), rule.Comment),
        Word<PlannedDirection>(rule.Direction ?? "", default, path + ".direction"),
        Word<PlannedAction>(rule.Action ?? "", default, path + ".action"),
        rule.SourceIP is { } source ? Range(source, path + ".sourceIP") : null,
        rule.DestPort is { } port ? Port(port, path + ".destPort") : null,
        rule.Protocol is { } protocol ? Word<PlannedProtocol>(protocol, default, path + ".protocol") : null);

    private string Id(string? id, string path)
    {
        if (id is null or { Length: 0 or > MaxId } || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            _errors.Add($"{path}.id is not 1 to {MaxId} of A-Z a-z 0-9 . _ -");
            return "?";
        }

        return id;
    }

    private AddressRange Range(string? text, string path)
    {
        if (!AddressRange.TryParse(text, out var range))
        {
            _errors.Add($"{path} is no address or CIDR range");
        }

        return range;
    }

    private int Port(int port, string path)
    {
        if (port is < 1 or > 65535)
        {
            _errors.Add($"{path} is not 1 to 65535");
        }

        return port;
    }

    private (int Count, PlannedUnit Unit) Rate(string? rate, string path)
    {
        var slash = rate?.IndexOf('/') ?? -1;
        if (slash > 0
            && int.TryParse(rate.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count > 0
            && TryWord<PlannedUnit>(rate![(slash + 1)..], out var unit))
        {
            return (count, unit);
        }

        _errors.Add($"{path} is no rate like 200/second");
        return (1, PlannedUnit.Second);
    }

    private T Word<T>(string? word, T fallback, string path)
        where T : struct, Enum
    {
        if (word is null)
        {
            return fallback;
        }

        if (!TryWord<T>(word, out var value))
        {
            _errors.Add($"{path} is none of {string.Join(", ", Enum.GetValues<T>().Select(PlannedWords.Of))}");
        }

        return value;
    }

    // By the names alone: the framework's parser also takes numbers, lists and spaces.
    private static bool TryWord<T>(string word, out T value)
        where T : struct, Enum
    {
        foreach (var known in Enum.GetValues<T>())
        {
            if (PlannedWords.Of(known) == word)
            {
                value = known;
                return true;
            }
        }

        value = default;
        return false;
    }
}
