using RemoteIngress.Cli.Options;
using RemoteIngress.Edge;
using RemoteIngress.Edge.Limits;
using RemoteIngress.Hub;
using RemoteIngress.Hub.Limits;
using StackExchange.Redis;

namespace RemoteIngress.Cli.Output;

/// <summary>What a hub or an edge would run with, for people: secrets are masked.</summary>
internal static class OptionTables
{
    private const string Mask = "***";
    private const string Unset = "-";

    public static IEnumerable<IReadOnlyList<string>> Hub(HubOptions options) =>
    [
        ["tunnel-address", options.TunnelAddress],
        ["tunnel-port", Port(options.TunnelPort)],
        ["target-host", options.TargetHost],
        ["allowed-edges", AllowedEdges(options)],
        ["registry", options.Redis is null ? "in memory" : "redis " + RedisServers(options.Redis)],
        ["cluster-id", options.ClusterId],
        ["hub-id", options.HubId],
        ["silo-address", options.SiloAddress],
        ["silo-port", Port(options.SiloPort)],
        ["gateway-port", options.GatewayPort == 0 && options.Redis is null ? "off" : Port(options.GatewayPort)],
        ["cluster-ca", options.ClusterCa ?? Unset],
        ["cluster-cert", options.ClusterCert ?? Unset],
        ["cluster-key", options.ClusterKey ?? Unset],
        ["insecure-cluster", options.InsecureCluster ? "yes" : "no"],
        ["advertise", options.Advertise ?? Unset],
        ["admin-url", string.IsNullOrEmpty(options.AdminUrl) ? "off" : options.AdminUrl],
        ["admin-token", options.AdminToken is null ? Unset : Mask],
        ["data-dir", options.DataDir ?? Unset],
        ["tls-cert", options.TlsCert ?? "self-signed"],
        ["tls-key", options.TlsKey ?? Unset],
        ["drain-timeout", DurationParser.Format(options.DrainTimeout)],
        .. PerformanceOption<HubOptions>.Rows(HubPerformance.Fields, options),
    ];

    public static IEnumerable<IReadOnlyList<string>> Edge(EdgeOptions options) =>
    [
        ["hub", string.Join(", ", options.Hubs)],
        ["max-hubs", $"{options.MaxHubs}"],
        ["edge-id", options.EdgeId],
        ["secret", Mask],
        ["transport", options.Transport == EdgeTransport.QuicWithFallback ? "quicWithFallback (TLS in this version)" : "tcpTls"],
        ["bind-address", options.BindAddress.ToString()],
        ["firewall", options.Firewall.ToString().ToLowerInvariant()],
        ["status-url", options.StatusUrl],
        ["stun-server", options.StunServer],
        ["data-dir", options.DataDir ?? Unset],
        ["instance-id", options.InstanceId ?? "random"],
        ["hold-timeout", DurationParser.Format(options.HoldTimeout)],
        ["drain-timeout", DurationParser.Format(options.DrainTimeout)],
        .. PerformanceOption<EdgeOptions>.Rows(EdgePerformance.Fields, options),
    ];

    private static string AllowedEdges(HubOptions options) =>
        options.AllowedEdges is not { } edges
            ? "as the registry has them"
            : $"{edges.Count}{(edges.Count == 0 ? "" : ": " + string.Join(", ", edges.Select(static edge => edge.Id)))}";

    // only the servers: a connection string may hold user and password
    private static string RedisServers(string connection) =>
        string.Join(", ", ConfigurationOptions.Parse(connection).EndPoints.Select(static endPoint => Format(endPoint)));

    private static string Format(System.Net.EndPoint endPoint) =>
        endPoint is System.Net.DnsEndPoint name ? $"{name.Host}:{name.Port}" : endPoint.ToString() ?? Unset;

    private static string Port(int port) => port == 0 ? "a free one" : $"{port}";
}
