using RemoteIngress.Transport.Limits;

namespace RemoteIngress.Edge.Limits;

/// <summary>The numbers that <c>--performance</c> of an edge can set, by name.</summary>
public static class EdgePerformance
{
    private const int Million = 1_000_000;

    /// <summary>All of them, in the order in which they are shown.</summary>
    public static IReadOnlyList<PerformanceField<EdgeOptions>> Fields { get; } =
    [
        new("loops", 0, 256, o => o.Loops, (o, value) => o.Loops = value),
        new("datagramLoops", 0, 64, o => o.DatagramLoops, (o, value) => o.DatagramLoops = value),
        new("maxStreams", 1, 10 * Million, o => o.MaxStreams, (o, value) => o.MaxStreams = value),
        new("maxStreamsPerTunnel", 1, Million, o => o.MaxStreamsPerTunnel, (o, value) => o.MaxStreamsPerTunnel = value),
        new("tunnelBufferMiB", 1, 4096, o => o.TunnelBufferMiB, (o, value) => o.TunnelBufferMiB = value),
        new("bufferMiB", 0, 1024 * 1024, o => o.BufferMiB, (o, value) => o.BufferMiB = value),
        new("heldConnections", 0, Million, o => o.HeldConnections, (o, value) => o.HeldConnections = value),
        new("maxUdpSessions", 1, 10 * Million, o => o.MaxUdpSessions, (o, value) => o.MaxUdpSessions = value),
        new("maxUdpSessionsPerClient", 1, 10 * Million, o => o.MaxUdpSessionsPerClient, (o, value) => o.MaxUdpSessionsPerClient = value),
        new("udpIdleSeconds", 1, 3600, o => o.UdpIdleSeconds, (o, value) => o.UdpIdleSeconds = value),
        new("udpQueueKiB", 256, 1024 * 1024, o => o.UdpQueueKiB, (o, value) => o.UdpQueueKiB = value),
        new("udpReceiveBufferKiB", 64, 256 * 1024, o => o.UdpReceiveBufferKiB, (o, value) => o.UdpReceiveBufferKiB = value),
        new("handshakeSeconds", 1, 60, o => o.HandshakeSeconds, (o, value) => o.HandshakeSeconds = value),
        new("reservedDescriptors", 0, 65_536, o => o.ReservedDescriptors, (o, value) => o.ReservedDescriptors = value),
        new("httpConnections", 1, 65_536, o => o.HttpConnections, (o, value) => o.HttpConnections = value),
    ];
}
