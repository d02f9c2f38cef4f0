namespace RemoteIngress.Protocol.EndReasons;

/// <summary>Why one tunnelled connection ended. The first reason wins; <see cref="StreamEndReasons"/> says how each is written.</summary>
public enum StreamEndReason
{
    /// <summary>Both directions were closed in order.</summary>
    Completed,

    /// <summary>The client or the target sent a TCP reset.</summary>
    PeerReset,

    /// <summary>The target refused the connection.</summary>
    TargetRefused,

    /// <summary>The target did not answer in time.</summary>
    TargetTimeout,

    /// <summary>There is no route to the target.</summary>
    TargetUnreachable,

    /// <summary>The target's name has no address.</summary>
    TargetUnresolved,

    /// <summary>The tunnel that carried the stream ended.</summary>
    TunnelLost,

    /// <summary>No tunnel became ready while the client was held.</summary>
    NoTunnel,

    /// <summary>The port is no longer one of the edge's listen ports.</summary>
    PortRemoved,

    /// <summary>A limit on the number of connections or streams was reached.</summary>
    LimitReached,

    /// <summary>The peer broke the protocol on this stream.</summary>
    ProtocolError,

    /// <summary>This process is stopping.</summary>
    Shutdown,

    /// <summary>The edge took the connection to another hub.</summary>
    MovedAway,

    /// <summary>A defect in this process.</summary>
    InternalError,

    /// <summary>The hub did not answer OPEN in time, and the connection could not be moved.</summary>
    OpenOverdue,

    /// <summary>Nothing was sent either way for longer than the idle limit.</summary>
    IdleTimeout,

    /// <summary>Its bytes would have passed what the receiver may hold.</summary>
    BufferExhausted,

    /// <summary>The client or the target took none of the bytes that waited for it, for too long.</summary>
    Stalled,
}
