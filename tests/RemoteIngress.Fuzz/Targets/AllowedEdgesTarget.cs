using System.Text;
using System.Text.Json;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry.Validation;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>Never throws: either errors, each one line with a place, or edges that validate, serialize and read back the same.</summary>
internal sealed class AllowedEdgesTarget : IFuzzTarget
{
    private const int MaxErrors = 1001;

    public string Name => "allowed-edges";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        .. new[]
        {
            "\"id\":\"a\"", "\"secret\":\"s\"", "\"listenPorts\":[443]", "\"listenPortsUdp\":[53]", "\"stunIntervalSecs\":60", "\"portOptions\":{\"443\":{\"proxyProtocol\":\"v2\"}}",
            "\"target\":\"[::1]:1\"", "\"target\":\"[::1%\\n]:1\"", "\"blockedIps\":[\"::/0\"]", "\"::1]\"", "\"1.2.3.4/33\"", "\"rules\":[{}]", "\"rate\":\"1/second\"", "\\ud800", "\\n", "\\u0000", "null", "{}", "[]", "1e400",
            "-1", "true", ",", "\"\\ud800\":1", "\"a\\nb\":1", "[[[[[[[[[[[[[[[[[[", "\uFEFF", "{\"id\":\"b\"},",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public string Run(ReadOnlySpan<byte> input)
    {
        var bytes = input.ToArray();
        var (one, oneErrors) = AllowedEdgesJson.ParseOne(bytes, "edge-1");
        Errors(oneErrors, one is null);

        var (edges, errors) = AllowedEdgesJson.Parse(bytes);
        Errors(errors, edges.Count == 0 && errors.Count > 0);
        if (errors.Count > 0)
        {
            var first = errors[0];
            return $"{one is null} {errors.Count > 1} {Shape(first.Path)} {Shape(first.Message[Math.Max(0, first.Message.Length - 40)..])}";
        }

        Check.That(AllowedEdgeValidator.Validate(edges).Count == 0, "edges that do not validate were let through");
        Check.That(edges.SelectMany(Ranges).All(range => range.All(c => char.IsAsciiHexDigit(c) || c is '.' or ':' or '/')), "an address that a packet filter cannot read");
        foreach (var target in edges.SelectMany(edge => edge.PortOptions?.Values.Select(options => options?.Target) ?? []).OfType<string>())
        {
            Check.OneLine(target, "a target");
        }

        ReadBack(edges);
        return $"ok {Math.Min(edges.Count, 4)} {edges.Any(e => e.FirewallConfig is not null)} {edges.Any(e => e.PortOptions is not null)} {int.Log2(1 + edges.Sum(e => e.ListenPorts.Length))}";
    }

    private static void ReadBack(IReadOnlyList<AllowedEdge> edges)
    {
        var (again, errors) = AllowedEdgesJson.Parse(JsonSerializer.SerializeToUtf8Bytes(edges));
        Check.That(errors.Count == 0, $"what was written does not parse: {string.Join("; ", errors)}");
        Check.That(again.Count == edges.Count, $"{again.Count} edges instead of {edges.Count}");
        foreach (var (before, after) in edges.Zip(again))
        {
            Check.That((before.Id, before.Secret) == (after.Id, after.Secret), "another id or secret after one turn");
            Check.That(EdgeSettingsComparer.Instance.Equals(before.ToSettings(), after.ToSettings()), "other settings after one turn");
        }
    }

    private static IEnumerable<string> Ranges(AllowedEdge edge) =>
        edge.FirewallConfig is not { } firewall
            ? []
            : [.. firewall.BlockedIps.IsDefault ? [] : firewall.BlockedIps, .. firewall.Rules.IsDefault ? [] : firewall.Rules.Select(rule => rule.SourceIP).OfType<string>()];

    private static void Errors(IReadOnlyList<ValidationError> errors, bool refused)
    {
        Check.That(errors.Count > 0 == refused, $"{errors.Count} errors, but refused is {refused}");
        Check.That(errors.Count <= MaxErrors, $"{errors.Count} errors");
        foreach (var error in errors)
        {
            Check.OneLine(error.Message, $"the error at '{error.Path}'");
            Check.OneLine("at " + error.Path, "an error's path");
        }
    }

    private static string Shape(string text) => new([.. text.Where(c => char.IsAsciiLetter(c) || c is '.' or '[')]);
}
