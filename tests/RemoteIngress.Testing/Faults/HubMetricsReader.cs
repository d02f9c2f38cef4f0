using System.Globalization;
using RemoteIngress.Testing.Fixtures;

namespace RemoteIngress.Testing.Faults;

/// <summary>What a hub's <c>GET /metrics</c> says, as an operator's monitoring reads it.</summary>
public static class HubMetricsReader
{
    /// <summary>The sum of a metric over all of its labels; only samples whose labels contain <paramref name="errorType"/> when it is given.</summary>
    public static async Task<long> ReadMetricAsync(this HubFixture hub, string name, string? errorType, CancellationToken cancellation)
    {
        var text = await hub.Api.GetStringAsync(new Uri(hub.AdminUrl + "/metrics"), cancellation);
        return text.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
            .Where(line => errorType is null || line.Contains($"error_type=\"{errorType}\"", StringComparison.Ordinal))
            .Sum(Value);
    }

    /// <summary>Connections to the tunnel port that were not authenticated, for this reason.</summary>
    public static Task<long> RefusedTunnelsAsync(this HubFixture hub, string errorType, CancellationToken cancellation) =>
        hub.ReadMetricAsync("remoteingress_hub_refused_tunnels_total", errorType, cancellation);

    // name{labels} value [timestamp]
    private static long Value(string line)
    {
        var fields = line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long)double.Parse(fields[line.Contains('}') ? 0 : 1], CultureInfo.InvariantCulture);
    }
}
