using RemoteIngress.Hub.Tunnels;

namespace RemoteIngress.Hub.Limits;

/// <summary>The one place that says how a <see cref="HubLimit"/> is written: by the name of the option that moves it.</summary>
internal static class HubLimits
{
    /// <summary>Key in status and attribute <c>limit</c> of the metric.</summary>
    internal static string Tag(this HubLimit limit) => limit switch
    {
        HubLimit.Unauthenticated => "maxUnauthenticated",
        HubLimit.UnauthenticatedPerAddress => "maxUnauthenticatedPerAddress",
        HubLimit.AuthFailures => "freeAuthFailures",
        HubLimit.Tunnels => "maxTunnels",
        HubLimit.TunnelsPerEdge => "maxTunnelsPerEdge",
        HubLimit.InstancesPerEdge => "maxInstancesPerEdge",
        HubLimit.Streams => "maxStreams",
        HubLimit.StreamsPerEdge => "maxStreamsPerEdge",
        HubLimit.StreamsPerTunnel => "maxStreamsPerTunnel",
        HubLimit.UdpSessions => "maxUdpSessions",
        HubLimit.UdpSessionsPerEdge => "maxUdpSessionsPerEdge",
        HubLimit.Descriptors => "descriptors",
        _ => throw new ArgumentOutOfRangeException(nameof(limit), limit, "This limit is not mapped."),
    };

    /// <summary>One clause for a log line or a REJECT: what was met, and what moves it.</summary>
    internal static string Describe(this HubLimit limit, TunnelServerOptions options) => limit switch
    {
        HubLimit.Descriptors => $"only reserved descriptors are left of {options.Files.Limit}; raise the limit of open files (ulimit -n, LimitNOFILE)",
        HubLimit.Unauthenticated or HubLimit.UnauthenticatedPerAddress =>
            $"too many connections that are not authenticated yet ({limit.Tag()} {limit.Max(options)})",
        _ => $"{limit.Tag()} ({limit.Max(options)}) is reached; raise it with --performance of the hub if that many are wanted",
    };

    private static int Max(this HubLimit limit, TunnelServerOptions options) => limit switch
    {
        HubLimit.Unauthenticated => options.MaxUnauthenticated,
        HubLimit.UnauthenticatedPerAddress => options.MaxUnauthenticatedPerAddress,
        HubLimit.AuthFailures => options.FreeAuthFailures,
        HubLimit.Tunnels => options.Directory.MaxTunnels,
        HubLimit.TunnelsPerEdge => options.Directory.MaxTunnelsPerEdge,
        HubLimit.InstancesPerEdge => options.Directory.MaxInstancesPerEdge,
        HubLimit.Streams => options.MaxStreams,
        HubLimit.StreamsPerEdge => options.Directory.MaxStreamsPerEdge,
        HubLimit.StreamsPerTunnel => options.Tunnel.MaxStreams,
        HubLimit.UdpSessions => options.MaxUdpSessions,
        HubLimit.UdpSessionsPerEdge => options.Directory.MaxUdpSessionsPerEdge,
        _ => options.Files.Limit,
    };
}
