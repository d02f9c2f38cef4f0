using System.Globalization;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Identity;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Protocol.Control;

/// <summary>What JSON cannot express about control messages. Each method returns one line, or null when all is well.</summary>
internal static class ControlValidator
{
    private const int MaxText = 128;
    private const int MaxScram = 2048;
    private const int MaxLine = 512;
    private const int MaxRetryAfter = 3600;

    public static string? Validate(object message) => message switch
    {
        Hello m => ValidateHello(m),
        Challenge m => Scram(nameof(Challenge), m.Scram),
        Auth m => Scram(nameof(Auth), m.Scram),
        Welcome m => ValidateWelcome(m),
        Reject m => Text("Reject: message", m.Message, MaxLine)
            ?? Range("Reject: retryAfterSeconds", m.RetryAfterSeconds, 0, MaxRetryAfter),
        GoAway m => Text("GoAway: reason", m.Reason, MaxText),
        ConfigAck m => ValidateAck(m),
        EdgeStatusReport m => ValidateStatus(m),
        EdgeSnapshot m => ValidateSnapshot(m),
        _ => null,
    };

    private static string? ValidateHello(Hello m)
    {
        if (!EdgeId.IsValid(m.EdgeId))
        {
            return "Hello: edgeId must be 1 to 128 characters of A-Z a-z 0-9 . _ -";
        }

        if (!InstanceId.IsValid(m.InstanceId))
        {
            return "Hello: instanceId must be 1 to 64 characters of A-Z a-z 0-9 . _ -";
        }

        return Range("Hello: version", m.Version, 1, int.MaxValue)
            ?? Range("Hello: lane", m.Lane, 0, ushort.MaxValue)
            ?? Buffer("Hello: buffer", m.Buffer)
            ?? Text("Hello: software", m.Software, MaxText)
            ?? Scram(nameof(Hello), m.Scram);
    }

    private static string? ValidateWelcome(Welcome m) =>
        Scram(nameof(Welcome), m.Scram)
        ?? Text("Welcome: hubId", m.HubId, MaxText)
        ?? Text("Welcome: software", m.Software, MaxText)
        ?? Buffer("Welcome: buffer", m.Buffer)
        ?? Range("Welcome: hubsVersion", m.HubsVersion ?? 0, 0, long.MaxValue)
        ?? Hubs("Welcome: hubs", m.Hubs);

    private static string? ValidateAck(ConfigAck m)
    {
        foreach (var port in m.Ports)
        {
            if (port is null)
            {
                return "ConfigAck: ports holds null.";
            }

            var error = Range("ConfigAck: ports.port", port.Port, 1, 65535)
                ?? Text("ConfigAck: ports.protocol", port.Protocol, MaxText);
            if (error is not null)
            {
                return error;
            }
        }

        return Range("ConfigAck: generation", m.Generation, 0, long.MaxValue);
    }

    private static string? ValidateStatus(EdgeStatusReport m) =>
        Text("EdgeStatusReport: software", m.Software, MaxText)
        ?? Text("EdgeStatusReport: publicIp", m.PublicIp ?? "", MaxText)
        ?? Range("EdgeStatusReport: activeStreams", m.ActiveStreams, 0, int.MaxValue)
        ?? Range("EdgeStatusReport: activeUdpSessions", m.ActiveUdpSessions, 0, int.MaxValue);

    private static string? ValidateSnapshot(EdgeSnapshot m) =>
        Range("EdgeSnapshot: generation", m.Generation, 0, long.MaxValue)
        ?? Ports("EdgeSnapshot: listenPorts", m.ListenPorts)
        ?? Ports("EdgeSnapshot: listenPortsUdp", m.ListenPortsUdp)
        ?? Range("EdgeSnapshot: stunIntervalSecs", m.StunIntervalSecs, 1, int.MaxValue)
        ?? PortKeys(m.PortOptions)
        ?? Firewall(m.FirewallConfig)
        ?? Range("EdgeSnapshot: hubsVersion", m.HubsVersion ?? 0, 0, long.MaxValue)
        ?? Hubs("EdgeSnapshot: hubs", m.Hubs);

    private static string? Ports(string name, IReadOnlyList<int> ports)
    {
        foreach (var port in ports)
        {
            if (Range(name, port, 1, 65535) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private static string? PortKeys(IReadOnlyDictionary<string, PortOptions>? options)
    {
        foreach (var (key, value) in options ?? new Dictionary<string, PortOptions>())
        {
            var number = key.AsSpan();
            if (number.EndsWith("/udp", StringComparison.Ordinal) || number.EndsWith("/tcp", StringComparison.Ordinal))
            {
                number = number[..^4];
            }

            if (!ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0 || value is null)
            {
                return "EdgeSnapshot: portOptions must map a port, port/tcp or port/udp to an object.";
            }
        }

        return null;
    }

    private static string? Firewall(FirewallConfig? config)
    {
        if (config is null)
        {
            return null;
        }

        if (config.BlockedIps.Contains(null) || config.Rules.Contains(null) || config.RateLimits.Contains(null))
        {
            return "EdgeSnapshot: firewallConfig holds null in a list.";
        }

        return Ports("EdgeSnapshot: firewallConfig.rateLimits.port", [.. config.RateLimits.Select(r => r.Port)])
            ?? Ports("EdgeSnapshot: firewallConfig.rules.destPort", [.. config.Rules.Select(r => r.DestPort ?? 1)]);
    }

    private static string? Hubs(string name, IReadOnlyList<string> hubs) =>
        hubs.All(h => HubAddress.TryParse(h, out _)) ? null : $"{name} must hold addresses of the form host:port.";

    private static string? Scram(string name, string value) =>
        value.Length is > 0 and <= MaxScram ? null : $"{name}: scram must be 1 to {MaxScram} characters.";

    // What a peer calls itself ends up in logs: one line, without escape sequences.
    private static string? Text(string name, string value, int max) =>
        value.Length > max ? $"{name} must be at most {max} characters."
        : value.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029') ? $"{name} must be one line without control characters."
        : null;

    private static string? Buffer(string name, long? bytes) =>
        Range(name, bytes ?? FrameLimits.DefaultBuffer, FrameLimits.MinBuffer, FrameLimits.MaxBuffer);

    private static string? Range(string name, long value, long min, long max)
    {
        if (value >= min && value <= max)
        {
            return null;
        }

        return max is int.MaxValue or long.MaxValue ? $"{name} must be at least {min}." : $"{name} must be {min} to {max}.";
    }
}
