using System.Collections.Immutable;
using System.Text;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Validation;

/// <summary>Checks allowed edges without I/O and finds every error at once.</summary>
public static class AllowedEdgeValidator
{
    /// <summary>Everything that is wrong with the list, with paths like <c>[3].listenPorts[1]</c>; empty when all is well.</summary>
    public static IReadOnlyList<ValidationError> Validate(IReadOnlyList<AllowedEdge> edges)
    {
        ArgumentNullException.ThrowIfNull(edges);
        var errors = new ValidationErrors();
        ValidateList(edges, errors);
        return errors.ToList();
    }

    /// <summary>Everything that is wrong with one edge, with paths like <c>listenPorts[1]</c>; empty when all is well.</summary>
    public static IReadOnlyList<ValidationError> Validate(AllowedEdge edge)
    {
        ArgumentNullException.ThrowIfNull(edge);
        var errors = new ValidationErrors();
        ValidateEdge(edge, string.Empty, errors);
        return errors.ToList();
    }

    internal static void ValidateList(IReadOnlyList<AllowedEdge> edges, ValidationErrors errors)
    {
        if (edges.Count > Limits.Edges)
        {
            errors.Add(string.Empty, $"{edges.Count} edges are too many; at most {Limits.Edges} fit one fleet");
            return;
        }

        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < edges.Count; i++)
        {
            var path = ValidationErrors.Item(string.Empty, i);
            if (edges[i] is not { } edge)
            {
                errors.Add(path, "must be an object");
                continue;
            }

            ValidateEdge(edge, path, errors);
            if (!string.IsNullOrEmpty(edge.Id) && !seen.TryAdd(edge.Id, i))
            {
                errors.Add(
                    ValidationErrors.Field(path, "id"),
                    $"{ValidationErrors.Quote(edge.Id)} is the id of [{seen[edge.Id]}] already; every id may appear once");
            }
        }
    }

    internal static void ValidateEdge(AllowedEdge edge, string path, ValidationErrors errors)
    {
        CheckId(edge.Id, ValidationErrors.Field(path, "id"), errors);
        CheckSecret(edge.Secret, ValidationErrors.Field(path, "secret"), errors);
        CheckPorts(edge.ListenPorts, ValidationErrors.Field(path, "listenPorts"), errors);
        CheckPorts(edge.ListenPortsUdp, ValidationErrors.Field(path, "listenPortsUdp"), errors);
        if (edge.StunIntervalSecs is { } interval and (< Limits.MinStunIntervalSecs or > Limits.MaxStunIntervalSecs))
        {
            errors.Add(
                ValidationErrors.Field(path, "stunIntervalSecs"),
                $"{interval} is out of range; give {Limits.MinStunIntervalSecs} to {Limits.MaxStunIntervalSecs} seconds");
        }

        if (edge.FirewallConfig is { } firewall)
        {
            FirewallValidator.Validate(firewall, ValidationErrors.Field(path, "firewallConfig"), errors);
        }

        if (edge.PortOptions is { } options)
        {
            PortOptionsValidator.Validate(options, edge, path, errors);
        }
    }

    /// <summary>Adds an error unless this is an id that grains, URLs and logs can carry as it is.</summary>
    internal static void CheckId(string? id, string path, ValidationErrors errors)
    {
        if (string.IsNullOrEmpty(id))
        {
            errors.Add(path, "required: give every edge a name");
        }
        else if (!Names.IsName(id, Names.MaxEdgeIdLength) || id is "." or "..")
        {
            errors.Add(path, $"{ValidationErrors.Quote(id)} is not an id; give 1 to {Names.MaxEdgeIdLength} of the characters A-Z a-z 0-9 . _ -");
        }
    }

    // no message may repeat the secret, nor say more than its length
    private static void CheckSecret(string? secret, string path, ValidationErrors errors)
    {
        if (secret is null)
        {
            return;
        }

        if (secret.Length == 0)
        {
            errors.Add(path, "is empty; give a long random one, or leave it out to keep the stored one");
        }
        else if (Encoding.UTF8.GetByteCount(secret) > Limits.SecretBytes)
        {
            errors.Add(path, $"is too long; at most {Limits.SecretBytes} bytes");
        }
        else if (!IsUnicode(secret))
        {
            errors.Add(path, "is not valid Unicode");
        }
        else if (secret.Any(char.IsControl))
        {
            errors.Add(path, "holds a control character (a line end?); give printable characters only");
        }
    }

    private static bool IsUnicode(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            // what EnumerateRunes puts in the place of a lone surrogate
            if (rune == Rune.ReplacementChar && !text.Contains('\uFFFD'))
            {
                return false;
            }
        }

        return true;
    }

    private static void CheckPorts(ImmutableArray<int> ports, string path, ValidationErrors errors)
    {
        if (ports.IsDefaultOrEmpty)
        {
            return;
        }

        if (ports.Length > Limits.PortsOfEdge)
        {
            errors.Add(path, $"{ports.Length} ports are too many; at most {Limits.PortsOfEdge}");
            return;
        }

        var seen = new HashSet<int>();
        for (var i = 0; i < ports.Length; i++)
        {
            var item = ValidationErrors.Item(path, i);
            if (!CheckPort(ports[i], item, errors))
            {
                continue;
            }

            if (!seen.Add(ports[i]))
            {
                errors.Add(item, $"port {ports[i]} appears twice; name every port once");
            }
        }
    }

    internal static bool CheckPort(int port, string path, ValidationErrors errors)
    {
        if (port is >= 1 and <= 65535)
        {
            return true;
        }

        errors.Add(path, $"{port} is not a port; give 1 to 65535");
        return false;
    }
}
