using RemoteIngress.Testing.Fixtures;

namespace RemoteIngress.Testing.Faults;

/// <summary>Single numbers of a hub's <c>GET /metrics</c>.</summary>
public static class HubMetricsReader
{
    /// <summary>The sum of a metric over all of its labels; only samples with this <c>error.type</c> when one is given.</summary>
    public static async Task<long> ReadMetricAsync(this HubFixture hub, string name, string? errorType, CancellationToken cancellation) =>
        (await hub.ReadMetricsAsync(cancellation)).Sum(name, errorType is null ? null : $"error_type=\"{errorType}\"");

    /// <summary>Connections to the tunnel port that were not authenticated, for this reason.</summary>
    public static Task<long> RefusedTunnelsAsync(this HubFixture hub, string? errorType, CancellationToken cancellation) =>
        hub.ReadMetricAsync("remoteingress_hub_refused_tunnels_total", errorType, cancellation);

    /// <summary>Authenticated tunnels that ended for this reason.</summary>
    public static Task<long> ReadEndsAsync(this HubFixture hub, string errorType, CancellationToken cancellation) =>
        hub.ReadMetricAsync("remoteingress_hub_tunnel_ends_total", errorType, cancellation);
}
