using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace RemoteIngress.Hub;

/// <summary>Reads the value of <c>--admin-url</c>.</summary>
internal static class AdminUrl
{
    public static bool IsOff(string? url) => string.IsNullOrWhiteSpace(url) || url.Equals("none", StringComparison.OrdinalIgnoreCase);

    /// <summary>Plain HTTP on an IP address (or <c>localhost</c>) with a port and nothing behind it.</summary>
    public static bool TryParse(string? url, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        endpoint = null;
        const string scheme = "http://";
        if (url is null || !url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // by hand and not by Uri, which refuses port 0
        if (!HostPort.TryParse(url[scheme.Length..].TrimEnd('/'), out var host, out var port, allowZero: true))
        {
            return false;
        }

        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            endpoint = new IPEndPoint(IPAddress.Loopback, port);
        }
        else if (IPAddress.TryParse(host, out var address))
        {
            endpoint = new IPEndPoint(address, port);
        }

        return endpoint is not null;
    }
}
