using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace RemoteIngress.Edge;

/// <summary>Reads the value of <c>--status-url</c>.</summary>
internal static class StatusAddress
{
    private const string Scheme = "http://";

    public static bool IsOff(string? url) => string.IsNullOrWhiteSpace(url) || url.Equals("none", StringComparison.OrdinalIgnoreCase);

    /// <summary>Plain HTTP on an IP address or <c>localhost</c>, with a port (0: a free one) and nothing behind it.</summary>
    public static bool TryParse(string? url, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;

        // by hand and not by Uri, which refuses port 0
        if (url is null || !url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var authority = url[Scheme.Length..].TrimEnd('/');
        var colon = authority.LastIndexOf(':');
        if (colon <= 0
            || !int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port > IPEndPoint.MaxPort)
        {
            return false;
        }

        var host = authority[..colon];
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            endPoint = new IPEndPoint(IPAddress.Loopback, port);
            return true;
        }

        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var address) && isBracketed == host.Contains(':'))
        {
            endPoint = new IPEndPoint(address, port);
        }

        return endPoint is not null;
    }
}
