using System.Net;
using RemoteIngress.Edge.Firewall;
using RemoteIngress.Protocol.Tokens;

// To add a number of --performance: a property with its default here, a line in Limits/EdgePerformance, docs/operations.md ("Limits").

namespace RemoteIngress.Edge;

/// <summary>
/// What one edge needs to know before it starts. Everything else (ports, firewall, limits) is pushed by the hubs.
/// <see cref="EdgeOptionsValidator"/> checks all of it at once.
/// </summary>
public sealed class EdgeOptions
{
    /// <summary>
    /// The hubs to dial, at least one. The edge keeps tunnels to every one of them, and to those that they name (<see cref="MaxHubs"/>).
    /// Required.
    /// </summary>
    public IReadOnlyList<HubAddress> Hubs { get; init; } = [];

    /// <summary>
    /// How many hubs the edge has tunnels to, those of <see cref="Hubs"/> included: where hubs name more, it chooses among those. 1 to 64;
    /// default 8.
    /// </summary>
    public int MaxHubs { get; init; } = 8;

    /// <summary>The id under which the hubs' registry knows this edge. Required.</summary>
    public string EdgeId { get; init; } = "";

    /// <summary>
    /// The shared secret of this edge. It proves both ends to each other (SCRAM-SHA-256-PLUS, RFC 5802 and 7677) and never
    /// crosses the wire. Required.
    /// </summary>
    public string Secret { get; init; } = "";

    /// <summary>
    /// The local address on which public ports are bound. Default: <see cref="IPAddress.IPv6Any"/>, which accepts IPv6 and IPv4.
    /// </summary>
    public IPAddress BindAddress { get; init; } = IPAddress.IPv6Any;

    /// <summary>
    /// Where the status endpoint listens: an <c>http://host:port</c> URL (port 0 picks a free one), or <c>none</c> for no endpoint.
    /// It has no authentication: keep it on loopback. Default: <c>http://127.0.0.1:9081</c>.
    /// </summary>
    public string StatusUrl { get; init; } = "http://127.0.0.1:9081";

    /// <summary>
    /// The STUN server (RFC 8489) that is asked for the public address: <c>host:port</c> (3478 when there is no port), or <c>none</c> or
    /// <c>off</c> not to ask. How often is for the hubs to say. Default: <c>stun.cloudflare.com:3478</c>.
    /// </summary>
    public string StunServer { get; init; } = "stun.cloudflare.com:3478";

    /// <summary>
    /// A directory for what should survive a restart: the last known hubs. Created when it does not exist. Default: null, nothing is kept.
    /// </summary>
    public string? DataDir { get; init; }

    /// <summary>How hubs are reached. Default: <see cref="EdgeTransport.QuicWithFallback"/>.</summary>
    public EdgeTransport Transport { get; init; } = EdgeTransport.QuicWithFallback;

    /// <summary>
    /// What becomes of the packet filter that hubs push, which needs nft and CAP_NET_ADMIN. Default: <see cref="FirewallMode.Auto"/>.
    /// </summary>
    public FirewallMode Firewall { get; init; } = FirewallMode.Auto;

    /// <summary>Event loops, each a thread with its own tunnel to every hub. 0 to 256; default 0: one per core.</summary>
    public int Loops { get; set; }

    /// <summary>
    /// Further event loops for UDP ports alone, each with its own tunnel to every hub as soon as there are such ports. 0 to 64; default 1, so that
    /// a datagram never waits for a thread that bulk keeps busy; 0 gives UDP to all loops.
    /// </summary>
    public int DatagramLoops { get; set; } = 1;

    /// <summary>
    /// Tells two processes of the same edge id apart; a reconnect of the same instance replaces its stale tunnels.
    /// 1 to 64 characters of <c>A-Z a-z 0-9 . _ -</c>. Default: null, random for every start.
    /// </summary>
    public string? InstanceId { get; init; }

    /// <summary>How long a new client is held while no tunnel is up, before it is reset. 0 s to 60 s; default 5 s.</summary>
    public TimeSpan HoldTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many clients may be held at once while no tunnel is up; the next one is reset. 0 to 1,000,000; default 4,096.</summary>
    public int HeldConnections { get; set; } = 4096;

    /// <summary>
    /// How long a stopping edge lets its open connections finish; it stops earlier when they are done. 0 s to 1 h; default 30 s.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Client connections served at once, over all ports; the next one is reset. 1 to 10,000,000; default 100,000.</summary>
    public int MaxStreams { get; set; } = 100_000;

    /// <summary>
    /// Connections of one tunnel at once, 1 to 1,000,000; further clients go through another tunnel, or are reset when there is none. The hub
    /// has a limit of its own. Default 65,536.
    /// </summary>
    public int MaxStreamsPerTunnel { get; set; } = 65_536;

    /// <summary>
    /// Mebibytes that are held at most for one tunnel of what came through it and clients have not taken yet, 1 to 4,096; the peer is
    /// told and sends accordingly. Default 200.
    /// </summary>
    public int TunnelBufferMiB { get; set; } = 200;

    /// <summary>
    /// The same in mebibytes for the whole process, 0 to 1,048,576, in equal parts for its loops, and never less for one than a tunnel may
    /// fill. Default 0: a quarter of the memory there is.
    /// </summary>
    public int BufferMiB { get; set; }

    /// <summary>
    /// UDP sessions (a client's address and port, and the public port) at once, 1 to 10,000,000, in equal shares for the loops that take UDP; for the next one
    /// the session that was idle the longest ends. Default 65,536.
    /// </summary>
    public int MaxUdpSessions { get; set; } = 65_536;

    /// <summary>
    /// The same of one client (IPv4 address, IPv6 /64), 1 to 10,000,000. Default 4,096: a resolver that asks from a new port each time has its
    /// answers long before the session ends.
    /// </summary>
    public int MaxUdpSessionsPerClient { get; set; } = 4096;

    /// <summary>Seconds without a datagram either way after which a UDP session ends, 1 to 3,600. Default 60.</summary>
    public int UdpIdleSeconds { get; set; } = 60;

    /// <summary>
    /// Kibibytes of datagrams that wait at most for one tunnel, 256 to 1,048,576, a quarter of it of one session; when it is more the oldest are
    /// dropped. Default 4,096.
    /// </summary>
    public int UdpQueueKiB { get; set; } = 4096;

    /// <summary>
    /// Kibibytes of the receive buffer that each UDP port asks the system for, 64 to 262,144. What it got is in status. Default 4,096.
    /// </summary>
    public int UdpReceiveBufferKiB { get; set; } = 4096;

    /// <summary>Seconds from the first SYN until a tunnel must be authenticated, 1 to 60. Default 10.</summary>
    public int HandshakeSeconds { get; set; } = 10;

    /// <summary>
    /// Descriptors kept for tunnels and the status endpoint when clients use up the rest, 0 to 65,536; at most a quarter of what the process
    /// may have. Default 256.
    /// </summary>
    public int ReservedDescriptors { get; set; } = 256;

    /// <summary>Connections of the status endpoint at once, 1 to 65,536; more are closed. Default 64.</summary>
    public int HttpConnections { get; set; } = 64;
}
