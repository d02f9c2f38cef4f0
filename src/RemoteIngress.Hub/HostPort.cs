using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Hub;

/// <summary>Reads <c>host:port</c>, with IPv6 addresses in brackets.</summary>
internal static class HostPort
{
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out string? host, out int port, bool allowZero = false)
    {
        host = null;
        port = 0;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0)
        {
            return false;
        }

        var name = text![..colon];
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            || port > 65535
            || (port == 0 && !allowZero))
        {
            return false;
        }

        if (name.StartsWith('[') && name.EndsWith(']'))
        {
            name = name[1..^1];
            if (!IsIPv6(name))
            {
                return false;
            }
        }
        else if (name.Contains(':') || !IsHost(name))
        {
            return false;
        }

        host = name;
        return true;
    }

    /// <summary>Whether this is a host name or an IP address (IPv6 without brackets).</summary>
    public static bool IsHost(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > 253)
        {
            return false;
        }

        if (IPAddress.TryParse(text, out var address))
        {
            // "1" and "127.1" parse too, but nobody means them
            return address.AddressFamily == AddressFamily.InterNetworkV6 ? IsIPv6(text) : text.Count(c => c == '.') == 3;
        }

        return text.Split('.').All(label =>
            label.Length is > 0 and <= 63
            && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            && label[0] != '-'
            && label[^1] != '-')
            && !text.All(c => char.IsAsciiDigit(c) || c == '.');
    }

    // the framework also takes brackets, a port, and anything at all as the zone behind a percent sign
    private static bool IsIPv6(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '%' or '-' or '_')
        && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
}
