using System.Net;

namespace RemoteIngress.Edge.Firewall;

/// <summary>The name servers of this machine: without them an edge cannot find its hubs again.</summary>
internal static class NameServers
{
    internal const int Port = 53;

    private const int MaxFile = 64 * 1024;

    // The second is what systemd-resolved asks, when the first only names its stub on loopback.
    private static readonly string[] Files = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

    internal static IReadOnlyList<IPAddress> Read() => [.. Files.SelectMany(ReadLines).SelectMany(Parse).Distinct()];

    /// <summary>The address of a line <c>nameserver ADDRESS</c>, if it is one; those on loopback go through anyway.</summary>
    internal static IEnumerable<IPAddress> Parse(string line)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words is ["nameserver", var text, ..] && IPAddress.TryParse(text, out var address) && !IPAddress.IsLoopback(address) ? [address] : [];
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaxFile } ? File.ReadAllLines(path) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
