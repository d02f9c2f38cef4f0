using RemoteIngress.Contracts;

namespace RemoteIngress.Hub;

// To add a setting: 1. a documented property with its default here, 2. its check in HubOptionsValidator, 3. a test there,
// 4. the flag and the environment variable in RemoteIngress.Cli, 5. docs/operations.md. A number of --performance: the property, a line in
// Limits/HubPerformance, docs/operations.md ("Limits").

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
    /// PEM file with the authorities whose certificates count between hubs and from clients: mutual TLS of silo and gateway port, required when
    /// <see cref="SiloAddress"/> is not on loopback. Needs <see cref="ClusterCert"/> and <see cref="ClusterKey"/>; all three are read again when they change.
    /// </summary>
    public string? ClusterCa { get; set; }

    /// <summary>PEM file with this hub's certificate for the cluster; names <c>hub.remoteingress.internal</c>.</summary>
    public string? ClusterCert { get; set; }

    /// <summary>PEM file with the unencrypted key of <see cref="ClusterCert"/>.</summary>
    public string? ClusterKey { get; set; }

    /// <summary>
    /// Allows silo and gateway ports off loopback without mutual TLS, which is without any authentication. False by default.
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

    /// <summary>
    /// Further event loops that have only the tunnels which edges keep for datagrams, 0 to 64, so that UDP never waits for a thread that bulk
    /// keeps busy. Default 1; 0 leaves these tunnels to all loops.
    /// </summary>
    public int DatagramLoops { get; set; } = 1;

    /// <summary>Authenticated tunnels at once, 1 to 1,000,000; an edge beyond it is told to come back (REJECT busy). Default 10,000.</summary>
    public int MaxTunnels { get; set; } = 10_000;

    /// <summary>
    /// Authenticated tunnels of one edge at once, 1 to 1,000,000; more are told to come back (REJECT busy). An edge has one for each of its
    /// event loops. Default 512: more than two processes with as many loops as cores ever have.
    /// </summary>
    public int MaxTunnelsPerEdge { get; set; } = 512;

    /// <summary>
    /// Processes connected with one edge id at once, 1 to 10,000; more are told to come back (REJECT busy). Default 64: room for a process
    /// that dies and starts again every second behind a network that tells nobody.
    /// </summary>
    public int MaxInstancesPerEdge { get; set; } = 64;

    /// <summary>Connections forwarded at once, 1 to 10,000,000; an edge beyond it may try another hub (RESET limit_reached). Default 200,000.</summary>
    public int MaxStreams { get; set; } = 200_000;

    /// <summary>
    /// Connections of one edge forwarded at once, over all of its tunnels, 1 to 10,000,000; more are refused (RESET limit_reached).
    /// Default 100,000: what an edge takes by default, so that the limit of an orderly edge is met there, and one edge never takes the whole hub.
    /// </summary>
    public int MaxStreamsPerEdge { get; set; } = 100_000;

    /// <summary>Connections of one tunnel at once, 1 to 1,000,000; more are refused (RESET limit_reached). Default 65,536.</summary>
    public int MaxStreamsPerTunnel { get; set; } = 65_536;

    /// <summary>
    /// UDP sessions at once, each with a socket of its own, 1 to 10,000,000; more are closed, and an edge may try another hub. Default 200,000.
    /// </summary>
    public int MaxUdpSessions { get; set; } = 200_000;

    /// <summary>UDP sessions of one edge at once, over all of its tunnels, 1 to 10,000,000; more are closed. Default 100,000.</summary>
    public int MaxUdpSessionsPerEdge { get; set; } = 100_000;

    /// <summary>
    /// Kibibytes of datagrams that wait at most for one tunnel, 256 to 1,048,576, a quarter of it of one session; when it is more the oldest are
    /// dropped. Default 4,096.
    /// </summary>
    public int UdpQueueKiB { get; set; } = 4096;

    /// <summary>
    /// Kibibytes of the receive buffer that the socket of each UDP session asks the system for, 64 to 262,144. It is used only while datagrams
    /// wait. Default 1,024.
    /// </summary>
    public int UdpReceiveBufferKiB { get; set; } = 1024;

    /// <summary>
    /// Mebibytes that are held at most for one tunnel of what came through it and targets have not taken yet, 1 to 4,096; the peer is
    /// told and sends accordingly. Default 200.
    /// </summary>
    public int TunnelBufferMiB { get; set; } = 200;

    /// <summary>
    /// The same in mebibytes for the whole process, 0 to 1,048,576, in equal parts for its loops, and never less for one than a tunnel may
    /// fill. Default 0: a quarter of the memory there is.
    /// </summary>
    public int BufferMiB { get; set; }

    /// <summary>Connections to the tunnel port that are not authenticated, at once, 1 to 100,000; more are closed. Default 512.</summary>
    public int MaxUnauthenticated { get; set; } = 512;

    /// <summary>The same for one address (IPv4) or network (IPv6 /64), 1 to 100,000. Default 32.</summary>
    public int MaxUnauthenticatedPerAddress { get; set; } = 32;

    /// <summary>Seconds from accept until an edge must be authenticated, TLS included, 1 to 60. Default 10.</summary>
    public int HandshakeSeconds { get; set; } = 10;

    /// <summary>Bytes that an edge may send within TLS before it is authenticated, 2,048 to 65,536. Default 4,096.</summary>
    public int HandshakeBytes { get; set; } = 4096;

    /// <summary>
    /// Failed authentications of an address within a minute that cost nothing, 0 to 1,000; every further attempt waits, at first 250 ms and
    /// twice as long each time. Default 4.
    /// </summary>
    public int FreeAuthFailures { get; set; } = 4;

    /// <summary>
    /// The longest of these waits in seconds, 0 (off) to 59 and less than <see cref="HandshakeSeconds"/>, so that an edge with the right
    /// secret behind the same address still gets in. Default 4.
    /// </summary>
    public int AuthDelaySeconds { get; set; } = 4;

    /// <summary>
    /// Descriptors kept for tunnels, the HTTP API and the registry when connections use up the rest, 0 to 65,536; at most a quarter of what
    /// the process may have. Default 256.
    /// </summary>
    public int ReservedDescriptors { get; set; } = 256;

    /// <summary>Connections of the HTTP API at once, 1 to 65,536; more are closed. Default 128.</summary>
    public int HttpConnections { get; set; } = 128;

    /// <summary>Whether nobody but this machine reaches the silo.</summary>
    internal bool IsSiloOnLoopback() => System.Net.IPAddress.TryParse(SiloAddress, out var address) && System.Net.IPAddress.IsLoopback(address);
}
