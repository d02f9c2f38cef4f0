namespace RemoteIngress.Protocol.Frames;

/// <summary>Which frames are legal: length of the payload, stream 0 or not, and from whom. All lengths in bytes.</summary>
public static class FrameLimits
{
    /// <summary>Longest payload of <see cref="FrameType.Data"/> and <see cref="FrameType.DataBack"/>.</summary>
    public const int MaxData = 65536;

    /// <summary>Most bytes, headers included, that one peer may send before authentication is complete.</summary>
    public const int PreAuthBytes = 4096;

    /// <summary>Longest UDP payload that IPv4 can carry.</summary>
    public const int MaxDatagram = 65507;

    /// <summary>Longest payload of a type that this version does not know; such frames are skipped.</summary>
    public const int MaxUnknown = 64 * 1024;

    /// <summary>Window in bytes that each direction of a new stream starts with.</summary>
    public const int InitialWindow = 256 * 1024;

    /// <summary>Largest window in bytes that a receiver may give one direction of one stream.</summary>
    public const int MaxWindow = 4 * 1024 * 1024;

    /// <summary>Bytes a peer holds for all streams of a tunnel together when it does not say otherwise in HELLO or WELCOME.</summary>
    public const long DefaultBuffer = 200L * 1024 * 1024;

    /// <summary>Smallest buffer in bytes that a peer may announce.</summary>
    public const long MinBuffer = 1024 * 1024;

    /// <summary>Largest buffer in bytes that a peer may announce.</summary>
    public const long MaxBuffer = 4L * 1024 * 1024 * 1024;

    /// <summary>Longest legal payload of <paramref name="type"/>, to be checked before the payload is awaited.</summary>
    public static uint MaxLength(FrameType type) => type switch
    {
        FrameType.Open => 128,
        FrameType.Data or FrameType.DataBack => MaxData,
        FrameType.Close or FrameType.CloseBack or FrameType.Opened or FrameType.UdpClose => 0,
        FrameType.Reset => 4,
        FrameType.Ping or FrameType.Pong or FrameType.WindowUpdate or FrameType.WindowUpdateBack => 8,
        FrameType.UdpOpen => 536,
        FrameType.UdpData or FrameType.UdpDataBack => MaxDatagram,
        FrameType.Config => 4 * 1024 * 1024,
        FrameType.ConfigAck => 1024 * 1024,
        FrameType.Status => 16 * 1024,
        FrameType.Welcome => 64 * 1024,
        FrameType.Hello or FrameType.Challenge or FrameType.Auth or FrameType.Reject => 4096,
        FrameType.GoAway => 1024,
        _ => MaxUnknown,
    };

    /// <summary>Shortest legal payload of <paramref name="type"/>; equal to <see cref="MaxLength"/> for types of fixed size.</summary>
    public static uint MinLength(FrameType type) => type switch
    {
        FrameType.Reset => 4,
        FrameType.Ping or FrameType.Pong or FrameType.WindowUpdate or FrameType.WindowUpdateBack => 8,
        FrameType.Data or FrameType.DataBack => 1,
        FrameType.Open => 15, // "PROXY UNKNOWN" CRLF
        FrameType.UdpOpen => 16, // a PROXY v2 header without addresses
        FrameType.Config or FrameType.ConfigAck or FrameType.Status or FrameType.Hello or FrameType.Challenge
            or FrameType.Auth or FrameType.Welcome or FrameType.Reject or FrameType.GoAway => 2, // "{}"
        _ => 0,
    };

    /// <summary>Whether <paramref name="type"/> belongs on stream 0, and only there. False for types that are not known.</summary>
    public static bool IsControl(FrameType type) => type switch
    {
        FrameType.Config or FrameType.ConfigAck or FrameType.Status or FrameType.Ping or FrameType.Pong
            or FrameType.Hello or FrameType.Challenge or FrameType.Auth or FrameType.Welcome or FrameType.Reject
            or FrameType.GoAway => true,
        _ => false,
    };

    /// <summary>Whether this version gives <paramref name="type"/> a meaning. Others are skipped.</summary>
    public static bool IsKnown(FrameType type) =>
        type is (>= FrameType.Open and <= FrameType.UdpClose) or (>= FrameType.Hello and <= FrameType.Status);

    /// <summary>Whether a peer in <paramref name="role"/> may send <paramref name="type"/>. True for types that are not known.</summary>
    public static bool MayComeFrom(FrameType type, PeerRole role) => type switch
    {
        FrameType.Open or FrameType.Data or FrameType.Close or FrameType.WindowUpdate
            or FrameType.UdpOpen or FrameType.UdpData
            or FrameType.Hello or FrameType.Auth or FrameType.ConfigAck or FrameType.Status => role == PeerRole.Edge,
        FrameType.DataBack or FrameType.CloseBack or FrameType.WindowUpdateBack or FrameType.UdpDataBack
            or FrameType.Config or FrameType.Challenge or FrameType.Welcome or FrameType.Reject
            or FrameType.Opened => role == PeerRole.Hub,
        _ => true,
    };
}
