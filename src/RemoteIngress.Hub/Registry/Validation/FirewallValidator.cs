using System.Collections.Immutable;
using System.Globalization;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Validation;

/// <summary>Checks the packet filter part of an allowed edge.</summary>
internal static class FirewallValidator
{
    private static readonly string[] Protocols = ["tcp", "udp", "both"];
    private static readonly string[] Directions = ["input", "output", "forward"];
    private static readonly string[] Actions = ["accept", "drop", "reject"];
    private static readonly string[] RateUnits = ["second", "minute", "hour"];

    public static void Validate(FirewallConfig firewall, string path, ValidationErrors errors)
    {
        var blocked = ValidationErrors.Field(path, "blockedIps");
        if (Fits(firewall.BlockedIps, Limits.BlockedIps, blocked, errors))
        {
            for (var i = 0; i < firewall.BlockedIps.Length; i++)
            {
                CheckRange(firewall.BlockedIps[i], ValidationErrors.Item(blocked, i), errors);
            }
        }

        var limits = ValidationErrors.Field(path, "rateLimits");
        if (Fits(firewall.RateLimits, Limits.RateLimits, limits, errors))
        {
            var ids = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < firewall.RateLimits.Length; i++)
            {
                CheckRateLimit(firewall.RateLimits[i], ValidationErrors.Item(limits, i), ids, errors);
            }
        }

        var rules = ValidationErrors.Field(path, "rules");
        if (Fits(firewall.Rules, Limits.Rules, rules, errors))
        {
            var ids = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < firewall.Rules.Length; i++)
            {
                CheckRule(firewall.Rules[i], ValidationErrors.Item(rules, i), ids, errors);
            }
        }
    }

    private static void CheckRateLimit(RateLimit? limit, string path, HashSet<string> ids, ValidationErrors errors)
    {
        if (limit is null)
        {
            errors.Add(path, "must be an object");
            return;
        }

        CheckId(limit.Id, ValidationErrors.Field(path, "id"), ids, errors);
        AllowedEdgeValidator.CheckPort(limit.Port, ValidationErrors.Field(path, "port"), errors);
        CheckWord(limit.Protocol, Protocols, ValidationErrors.Field(path, "protocol"), errors);
        if (!IsRate(limit.Rate))
        {
            errors.Add(
                ValidationErrors.Field(path, "rate"),
                $"{ValidationErrors.Quote(limit.Rate)} is not a rate; give for example 200/second, 30/minute or 1000/hour");
        }

        if (limit.Burst is { } burst and (< 1 or > Limits.MaxBurst))
        {
            errors.Add(ValidationErrors.Field(path, "burst"), $"{burst} is out of range; give 1 to {Limits.MaxBurst}");
        }
    }

    private static void CheckRule(FirewallRule? rule, string path, HashSet<string> ids, ValidationErrors errors)
    {
        if (rule is null)
        {
            errors.Add(path, "must be an object");
            return;
        }

        CheckId(rule.Id, ValidationErrors.Field(path, "id"), ids, errors);
        CheckWord(rule.Direction ?? string.Empty, Directions, ValidationErrors.Field(path, "direction"), errors);
        CheckWord(rule.Action ?? string.Empty, Actions, ValidationErrors.Field(path, "action"), errors);
        CheckWord(rule.Protocol, Protocols, ValidationErrors.Field(path, "protocol"), errors);
        CheckOptionalRange(rule.SourceIP, ValidationErrors.Field(path, "sourceIP"), errors);
        CheckOptionalPort(rule.DestPort, ValidationErrors.Field(path, "destPort"), errors);
        if (rule.Comment is { } comment && (comment.Length > Limits.CommentLength || comment.Any(char.IsControl)))
        {
            errors.Add(ValidationErrors.Field(path, "comment"), $"give at most {Limits.CommentLength} characters on one line");
        }
    }

    // the id names an object of the packet filter: the same characters as an edge's
    private static void CheckId(string? id, string path, HashSet<string> ids, ValidationErrors errors)
    {
        if (!Names.IsName(id, Limits.RuleIdLength))
        {
            errors.Add(path, string.IsNullOrEmpty(id)
                ? "required: give every entry a name"
                : $"{ValidationErrors.Quote(id)} is not an id; give 1 to {Limits.RuleIdLength} of the characters A-Z a-z 0-9 . _ -");
        }
        else if (!ids.Add(id!))
        {
            errors.Add(path, $"{ValidationErrors.Quote(id)} appears twice; every id may appear once in its list");
        }
    }

    internal static void CheckWord(string? value, string[] words, string path, ValidationErrors errors)
    {
        if (value is null || words.Contains(value, StringComparer.Ordinal))
        {
            return;
        }

        var cure = "give " + string.Join(", ", words[..^1]) + " or " + words[^1];
        errors.Add(path, value.Length == 0 ? $"required: {cure}" : $"{ValidationErrors.Quote(value)} is not known; {cure}");
    }

    private static void CheckOptionalRange(string? value, string path, ValidationErrors errors)
    {
        if (value is not null)
        {
            CheckRange(value, path, errors);
        }
    }

    private static void CheckRange(string? value, string path, ValidationErrors errors)
    {
        if (!IpRange.IsValid(value))
        {
            errors.Add(
                path,
                $"{ValidationErrors.Quote(value)} is not an address or CIDR range; give for example 198.51.100.25, 203.0.113.0/24 or 2001:db8::/32");
        }
    }

    private static void CheckOptionalPort(int? port, string path, ValidationErrors errors)
    {
        if (port is { } value)
        {
            AllowedEdgeValidator.CheckPort(value, path, errors);
        }
    }

    private static bool IsRate(string? rate)
    {
        var slash = rate?.IndexOf('/') ?? -1;
        return slash > 0
            && int.TryParse(rate.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is >= 1 and <= Limits.MaxRate
            && RateUnits.Contains(rate![(slash + 1)..], StringComparer.Ordinal);
    }

    private static bool Fits<T>(ImmutableArray<T> list, int max, string path, ValidationErrors errors)
    {
        if (list.IsDefaultOrEmpty)
        {
            return false;
        }

        if (list.Length <= max)
        {
            return true;
        }

        errors.Add(path, $"{list.Length} entries are too many; at most {max}");
        return false;
    }
}
