using RemoteIngress.Transport.Limits;

namespace RemoteIngress.Edge.Limits;

/// <summary>What all loops of an edge share: the bounds that hold for the edge as a whole. Thread-safe.</summary>
internal sealed class EdgeLimits(EdgeOptions options, OpenFiles files, int udpLoops)
{
    /// <summary>Clients served.</summary>
    internal Bound Streams { get; } = new(options.MaxStreams);

    /// <summary>Clients that wait for a tunnel.</summary>
    internal Bound Held { get; } = new(options.HeldConnections);

    internal OpenFiles Files { get; } = files;

    /// <summary>UDP sessions that one loop may have: the kernel spreads clients evenly, so an equal share.</summary>
    internal int UdpSessionsPerLoop { get; } = Share(options.MaxUdpSessions, udpLoops);

    /// <summary>The same of one client.</summary>
    internal int UdpSessionsPerClientAndLoop { get; } = Share(options.MaxUdpSessionsPerClient, udpLoops);

    /// <summary>Bytes that a UDP port asks the system for.</summary>
    internal int UdpReceiveBuffer { get; } = options.UdpReceiveBufferKiB * 1024;

    /// <summary>Key in status and label of the metric: the option that moves it.</summary>
    internal static string Tag(EdgeLimit limit) => limit switch
    {
        EdgeLimit.Streams => "maxStreams",
        EdgeLimit.StreamsPerTunnel => "maxStreamsPerTunnel",
        EdgeLimit.Held => "heldConnections",
        EdgeLimit.UdpSessions => "maxUdpSessions",
        EdgeLimit.UdpSessionsPerClient => "maxUdpSessionsPerClient",
        EdgeLimit.Descriptors => "descriptors",
        _ => throw new ArgumentOutOfRangeException(nameof(limit), limit, "This limit is not mapped."),
    };

    /// <summary>One clause for a log line: what was met, and what moves it.</summary>
    internal string Describe(EdgeLimit limit) => limit switch
    {
        EdgeLimit.Streams => $"maxStreams ({Streams.Max}) is reached; raise it with --performance if that many are wanted",
        EdgeLimit.StreamsPerTunnel => $"maxStreamsPerTunnel ({options.MaxStreamsPerTunnel}) is reached; raise it with --performance on edge and hub, or give the edge more loops",
        EdgeLimit.Held => $"no tunnel is up, and heldConnections ({Held.Max}) clients wait for one already",
        EdgeLimit.UdpSessions => $"maxUdpSessions ({options.MaxUdpSessions}) is reached, and the UDP sessions that were idle the longest end; raise it with --performance if that many are wanted",
        EdgeLimit.UdpSessionsPerClient => $"maxUdpSessionsPerClient ({options.MaxUdpSessionsPerClient}) is reached by a client, and its UDP sessions that were idle the longest end; raise it with --performance if that many are wanted",
        _ => $"only reserved descriptors are left of {Files.Limit}; raise the limit of open files (ulimit -n, LimitNOFILE)",
    };

    private static int Share(int max, int loops) => Math.Max(1, (max + loops - 1) / loops);
}
