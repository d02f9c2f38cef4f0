using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Hub.Registry.Validation;

/// <summary>Reads an address or a CIDR range, IPv4 or IPv6, and nothing that the framework would take beyond that.</summary>
internal static class IpRange
{
    public static bool IsValid(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var slash = text.IndexOf('/');
        if (!IsAddress(slash < 0 ? text : text[..slash], out var bits))
        {
            return false;
        }

        return slash < 0
            || (int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
                && prefix <= bits
                && text.Length - slash <= 4);
    }

    private static bool IsAddress(string text, out int bits)
    {
        bits = 0;
        if (!IPAddress.TryParse(text, out var address))
        {
            return false;
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            // the framework also reads "1", "127.1" and octal numbers, which the packet filter does not
            bits = 32;
            return address.ToString() == text;
        }

        bits = 128;
        return !text.Contains('%') && !text.Contains('[');
    }
}
