using RemoteIngress.Contracts;

namespace RemoteIngress.Hub;

// To add a setting: 1. a documented property with its default here, 2. its check in HubOptionsValidator, 3. a test there,
// 4. the flag and the environment variable in RemoteIngress.Cli, 5. docs/operations.md.

/// <summary>Everything that a hub can be told. The defaults make a hub of its own, with its registry in memory.</summary>
public sealed class HubOptions
{
    /// <summary>Port on which edges connect (TCP); 0 takes a free one. Default 8443.</summary>
    public int TunnelPort { get; set; } = 8443;

    /// <summary>Address on which edges connect; <c>::</c> (the default) is every address, IPv4 and IPv6.</summary>
    public string TunnelAddress { get; set; } = "::";

    /// <summary>Host (name or address) to which ports without a target of their own are forwarded. Default 127.0.0.1.</summary>
    public string TargetHost { get; set; } = "127.0.0.1";

    /// <summary>
    /// The edges that may connect. When given, the registry is made exactly this at every start (a full reconcile, with and without
    /// Redis); <see langword="null"/>, the default, leaves the registry as it is.
    /// </summary>
    public IReadOnlyList<AllowedEdge>? AllowedEdges { get; set; }

    /// <summary>
    /// StackExchange.Redis connection string of the Redis that holds registry and membership, for example <c>10.0.0.7:6379,password=…</c>.
    /// <see langword="null"/> (the default) keeps the registry in the memory of this one hub.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>Name of the cluster and prefix of its keys in Redis: 1 to 64 of <c>[A-Za-z0-9._-]</c>. Default <c>remoteingress</c>.</summary>
    public string ClusterId { get; set; } = "remoteingress";

    /// <summary>Name of this hub, unique in its cluster: 1 to 128 of <c>[A-Za-z0-9._-]</c>. Default: the machine's name.</summary>
    public string HubId { get; set; } = Environment.MachineName;

    /// <summary>IP address on which the other hubs reach this silo. Default 127.0.0.1.</summary>
    public string SiloAddress { get; set; } = "127.0.0.1";

    /// <summary>Port between hubs; 0 (the default) takes a free one.</summary>
    public int SiloPort { get; set; }

    /// <summary>Port for Orleans clients; 0 (the default) means none without Redis and a free one with it.</summary>
    public int GatewayPort { get; set; }

    /// <summary>
    /// Allows silo and gateway ports off loopback although they have no authentication of their own. False by default.
    /// </summary>
    public bool InsecureCluster { get; set; }

    /// <summary>
    /// <c>host:port</c> under which edges reach this hub: stands in tokens and is told to edges. <see langword="null"/> by default.
    /// </summary>
    public string? Advertise { get; set; }

    /// <summary>
    /// Where the HTTP API listens, <c>http://address:port</c> (port 0: a free one). <see langword="null"/>, empty or <c>none</c> turns
    /// it off. Default <c>http://127.0.0.1:9080</c>.
    /// </summary>
    public string? AdminUrl { get; set; } = "http://127.0.0.1:9080";

    /// <summary>
    /// Bearer token of the HTTP API. Required off loopback, with at least 16 characters there. When <see langword="null"/> on loopback: kept in
    /// <see cref="DataDir"/> (file <c>admin-token</c>, made when absent), or, without one, the API is open to local programs.
    /// </summary>
    public string? AdminToken { get; set; }

    /// <summary>Directory for what must outlive the process (certificate, tokens); made when absent. <see langword="null"/>: nothing is kept.</summary>
    public string? DataDir { get; set; }

    /// <summary>PEM file with the certificate chain of the tunnel port; <see langword="null"/> makes a self-signed one. Needs <see cref="TlsKey"/>.</summary>
    public string? TlsCert { get; set; }

    /// <summary>PEM file with the key of <see cref="TlsCert"/>.</summary>
    public string? TlsKey { get; set; }

    /// <summary>How long open connections may go on when the hub stops, 0 to 1 hour. Default 30 seconds.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Number of event loops, 0 to 256; 0 (the default) is one per core.</summary>
    public int Loops { get; set; }
}
