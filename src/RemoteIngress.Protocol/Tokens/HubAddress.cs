using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Protocol.Tokens;

/// <summary>Where a hub takes tunnels.</summary>
/// <param name="Host">DNS name, IPv4 address, or IPv6 address without brackets.</param>
/// <param name="Port">1 to 65535.</param>
public readonly record struct HubAddress(string Host, int Port)
{
    /// <summary>The port where none is written.</summary>
    public const int DefaultPort = 8443;

    private const int MaxHostLength = 253;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");

    // the framework takes anything at all as the zone behind the percent sign
    private static readonly SearchValues<char> IPv6Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:%");

    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>[v6]</c>, <c>[v6]:port</c> or a bare IPv6 address.</summary>
    public static bool TryParse(string? text, out HubAddress address) => TryParse(text, DefaultPort, out address);

    /// <summary>The same for another service that is named by host and port.</summary>
    /// <param name="text">As written.</param>
    /// <param name="defaultPort">The port where none is written.</param>
    /// <param name="address">The address when true is returned.</param>
    public static bool TryParse(string? text, int defaultPort, out HubAddress address)
    {
        address = default;
        var span = (text ?? "").AsSpan().Trim();
        if (span.StartsWith('['))
        {
            var close = span.IndexOf(']');
            return close > 0 && IsIPv6(span[1..close]) && TryCreate(span[1..close], span[(close + 1)..], defaultPort, out address);
        }

        var colon = span.IndexOf(':');
        return colon < 0 || colon != span.LastIndexOf(':')
            ? TryCreate(span, default, defaultPort, out address)
            : TryCreate(span[..colon], span[colon..], defaultPort, out address);
    }

    /// <summary>Whether <paramref name="host"/> can stand as <see cref="Host"/>.</summary>
    public static bool IsValidHost(ReadOnlySpan<char> host) =>
        host.Length is > 0 and <= MaxHostLength && (!host.ContainsAnyExcept(NameCharacters) || IsIPv6(host));

    /// <summary><c>host:port</c>, with brackets round an IPv6 address.</summary>
    public override string ToString() =>
        Host?.Contains(':', StringComparison.Ordinal) == true
            ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private static bool TryCreate(ReadOnlySpan<char> host, ReadOnlySpan<char> port, int defaultPort, out HubAddress address)
    {
        address = default;
        if (!IsValidHost(host) || !TryParsePort(port, defaultPort, out var number))
        {
            return false;
        }

        address = new HubAddress(host.ToString(), number);
        return true;
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, int defaultPort, out int port)
    {
        port = defaultPort;
        if (text.IsEmpty)
        {
            return true;
        }

        var valid = text[0] == ':' && text.Length <= 6
            && int.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out port);
        return valid && port is > 0 and <= 65535;
    }

    private static bool IsIPv6(ReadOnlySpan<char> host) =>
        host.Contains(':') && !host.ContainsAnyExcept(IPv6Characters)
        && IPAddress.TryParse(host, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6;
}
