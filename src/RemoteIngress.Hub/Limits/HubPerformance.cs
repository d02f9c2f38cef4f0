using RemoteIngress.Transport.Limits;

namespace RemoteIngress.Hub.Limits;

/// <summary>The numbers that <c>--performance</c> of a hub can set, by name.</summary>
public static class HubPerformance
{
    private const int Million = 1_000_000;

    /// <summary>All of them, in the order in which they are shown.</summary>
    public static IReadOnlyList<PerformanceField<HubOptions>> Fields { get; } =
    [
        new("loops", 0, 256, o => o.Loops, (o, value) => o.Loops = value),
        new("datagramLoops", 0, 64, o => o.DatagramLoops, (o, value) => o.DatagramLoops = value),
        new("maxTunnels", 1, Million, o => o.MaxTunnels, (o, value) => o.MaxTunnels = value),
        new("maxTunnelsPerEdge", 1, Million, o => o.MaxTunnelsPerEdge, (o, value) => o.MaxTunnelsPerEdge = value),
        new("maxInstancesPerEdge", 1, 10_000, o => o.MaxInstancesPerEdge, (o, value) => o.MaxInstancesPerEdge = value),
        new("maxStreams", 1, 10 * Million, o => o.MaxStreams, (o, value) => o.MaxStreams = value),
        new("maxStreamsPerEdge", 1, 10 * Million, o => o.MaxStreamsPerEdge, (o, value) => o.MaxStreamsPerEdge = value),
        new("maxStreamsPerTunnel", 1, Million, o => o.MaxStreamsPerTunnel, (o, value) => o.MaxStreamsPerTunnel = value),
        new("maxUdpSessions", 1, 10 * Million, o => o.MaxUdpSessions, (o, value) => o.MaxUdpSessions = value),
        new("maxUdpSessionsPerEdge", 1, 10 * Million, o => o.MaxUdpSessionsPerEdge, (o, value) => o.MaxUdpSessionsPerEdge = value),
        new("udpQueueKiB", 256, 1024 * 1024, o => o.UdpQueueKiB, (o, value) => o.UdpQueueKiB = value),
        new("udpReceiveBufferKiB", 64, 256 * 1024, o => o.UdpReceiveBufferKiB, (o, value) => o.UdpReceiveBufferKiB = value),
        new("tunnelBufferMiB", 1, 4096, o => o.TunnelBufferMiB, (o, value) => o.TunnelBufferMiB = value),
        new("bufferMiB", 0, 1024 * 1024, o => o.BufferMiB, (o, value) => o.BufferMiB = value),
        new("maxUnauthenticated", 1, 100_000, o => o.MaxUnauthenticated, (o, value) => o.MaxUnauthenticated = value),
        new("maxUnauthenticatedPerAddress", 1, 100_000, o => o.MaxUnauthenticatedPerAddress, (o, value) => o.MaxUnauthenticatedPerAddress = value),
        new("handshakeSeconds", 1, 60, o => o.HandshakeSeconds, (o, value) => o.HandshakeSeconds = value),
        new("handshakeBytes", 2048, 65_536, o => o.HandshakeBytes, (o, value) => o.HandshakeBytes = value),
        new("freeAuthFailures", 0, 1000, o => o.FreeAuthFailures, (o, value) => o.FreeAuthFailures = value),
        new("authDelaySeconds", 0, 59, o => o.AuthDelaySeconds, (o, value) => o.AuthDelaySeconds = value),
        new("reservedDescriptors", 0, 65_536, o => o.ReservedDescriptors, (o, value) => o.ReservedDescriptors = value),
        new("httpConnections", 1, 65_536, o => o.HttpConnections, (o, value) => o.HttpConnections = value),
    ];
}
