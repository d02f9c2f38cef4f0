namespace RemoteIngress.Protocol.EndReasons;

/// <summary>The one place that says how a <see cref="StreamEndReason"/> is written on the wire and in metrics.</summary>
public static class StreamEndReasons
{
    /// <summary>The u32 that a RESET frame carries for <paramref name="reason"/>.</summary>
    public static uint WireCode(this StreamEndReason reason) => Map(reason).Code;

    /// <summary>The value of the metric attribute <c>error.type</c>, in snake case.</summary>
    public static string MetricTag(this StreamEndReason reason) => Map(reason).Tag;

    /// <summary>
    /// The reason behind a RESET frame's code. Codes of later versions, and 0 (an abort is never a completion),
    /// are read as <see cref="StreamEndReason.PeerReset"/>.
    /// </summary>
    public static StreamEndReason FromWire(uint code) => code switch
    {
        2 => StreamEndReason.TargetRefused,
        3 => StreamEndReason.TargetTimeout,
        4 => StreamEndReason.TargetUnreachable,
        5 => StreamEndReason.TargetUnresolved,
        6 => StreamEndReason.TunnelLost,
        7 => StreamEndReason.NoTunnel,
        8 => StreamEndReason.PortRemoved,
        9 => StreamEndReason.LimitReached,
        10 => StreamEndReason.ProtocolError,
        11 => StreamEndReason.Shutdown,
        12 => StreamEndReason.MovedAway,
        13 => StreamEndReason.InternalError,
        14 => StreamEndReason.OpenOverdue,
        15 => StreamEndReason.IdleTimeout,
        16 => StreamEndReason.BufferExhausted,
        17 => StreamEndReason.Stalled,
        _ => StreamEndReason.PeerReset,
    };

    /// <summary>
    /// Whether a hub that gives this reason before OPENED says that it could not reach its target at all,
    /// so that the edge may offer the connection to another hub.
    /// </summary>
    public static bool IsMovable(this StreamEndReason reason) => reason is
        StreamEndReason.TargetRefused or StreamEndReason.TargetTimeout or StreamEndReason.TargetUnreachable
        or StreamEndReason.TargetUnresolved or StreamEndReason.LimitReached or StreamEndReason.Shutdown;

    private static (uint Code, string Tag) Map(StreamEndReason reason) => reason switch
    {
        StreamEndReason.Completed => (0, "completed"),
        StreamEndReason.PeerReset => (1, "peer_reset"),
        StreamEndReason.TargetRefused => (2, "target_refused"),
        StreamEndReason.TargetTimeout => (3, "target_timeout"),
        StreamEndReason.TargetUnreachable => (4, "target_unreachable"),
        StreamEndReason.TargetUnresolved => (5, "target_unresolved"),
        StreamEndReason.TunnelLost => (6, "tunnel_lost"),
        StreamEndReason.NoTunnel => (7, "no_tunnel"),
        StreamEndReason.PortRemoved => (8, "port_removed"),
        StreamEndReason.LimitReached => (9, "limit_reached"),
        StreamEndReason.ProtocolError => (10, "protocol_error"),
        StreamEndReason.Shutdown => (11, "shutdown"),
        StreamEndReason.MovedAway => (12, "moved_away"),
        StreamEndReason.InternalError => (13, "internal_error"),
        StreamEndReason.OpenOverdue => (14, "open_overdue"),
        StreamEndReason.IdleTimeout => (15, "idle_timeout"),
        StreamEndReason.BufferExhausted => (16, "buffer_exhausted"),
        StreamEndReason.Stalled => (17, "stalled"),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "This reason is not mapped."),
    };
}
