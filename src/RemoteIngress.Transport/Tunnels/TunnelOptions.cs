using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux.FlowControl;

namespace RemoteIngress.Transport.Tunnels;

/// <summary>Times and bounds of one tunnel.</summary>
internal sealed record TunnelOptions
{
    internal static readonly TunnelOptions Default = new();

    /// <summary>From the first SYN or accept to an authenticated tunnel. Default 10 s.</summary>
    internal TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a PING leaves. Default 5 s.</summary>
    internal TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A tunnel without any byte for so long is dead. Default 15 s.</summary>
    internal TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a closing tunnel may take to get its last frames out. Default 1 s.</summary>
    internal TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes, frame headers included, that an edge may send before it is authenticated. Default 4,096.</summary>
    internal int PreAuthBytes { get; init; } = FrameLimits.PreAuthBytes;

    /// <summary>When an edge that was refused for a limit may try again (REJECT). Default 5 s.</summary>
    internal TimeSpan BusyRetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Streams that may be open at once. Default 65,536.</summary>
    internal int MaxStreams { get; init; } = 65_536;

    /// <summary>Bytes of datagrams that wait to be sent through one tunnel; the oldest go when it is more. Default 4 MiB.</summary>
    internal int QueuedDatagramBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>What may be held of what streams delivered.</summary>
    internal BufferLimits Buffers { get; init; } = BufferLimits.Default;
}
