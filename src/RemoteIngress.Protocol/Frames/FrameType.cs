namespace RemoteIngress.Protocol.Frames;

/// <summary>
/// What a frame carries. The first fourteen numbers and their meaning are those of remoteingress 4.17;
/// receivers skip numbers they do not know. <c>docs/protocol.md</c> section 5 describes every payload.
/// </summary>
public enum FrameType : byte
{
    /// <summary>Edge: a client was accepted. Payload: PROXY v1 line.</summary>
    Open = 0x01,

    /// <summary>Edge: bytes of the client.</summary>
    Data = 0x02,

    /// <summary>Edge: the client sends no more bytes (half-close).</summary>
    Close = 0x03,

    /// <summary>Hub: bytes of the target.</summary>
    DataBack = 0x04,

    /// <summary>Hub: the target sends no more bytes (half-close).</summary>
    CloseBack = 0x05,

    /// <summary>Hub: the edge's whole desired state as JSON (<see cref="Control.EdgeSnapshot"/>).</summary>
    Config = 0x06,

    /// <summary>Either: 8 opaque bytes to be echoed.</summary>
    Ping = 0x07,

    /// <summary>Either: the 8 bytes of a <see cref="Ping"/>.</summary>
    Pong = 0x08,

    /// <summary>Edge: u32, bytes of <see cref="DataBack"/> that the client has taken.</summary>
    WindowUpdate = 0x09,

    /// <summary>Hub: u32, bytes of <see cref="Data"/> that the target has taken.</summary>
    WindowUpdateBack = 0x0A,

    /// <summary>Edge: a UDP session starts. Payload: PROXY v2 header (DGRAM).</summary>
    UdpOpen = 0x0B,

    /// <summary>Edge: one datagram of the client.</summary>
    UdpData = 0x0C,

    /// <summary>Hub: one datagram of the target.</summary>
    UdpDataBack = 0x0D,

    /// <summary>Either: a UDP session ends.</summary>
    UdpClose = 0x0E,

    /// <summary>Edge: first handshake message (<see cref="Control.Hello"/>).</summary>
    Hello = 0x10,

    /// <summary>Hub: second handshake message (<see cref="Control.Challenge"/>).</summary>
    Challenge = 0x11,

    /// <summary>Edge: third handshake message (<see cref="Control.Auth"/>).</summary>
    Auth = 0x12,

    /// <summary>Hub: last handshake message (<see cref="Control.Welcome"/>).</summary>
    Welcome = 0x13,

    /// <summary>Hub: the handshake failed (<see cref="Control.Reject"/>); the hub closes after it.</summary>
    Reject = 0x14,

    /// <summary>Either: no new streams, the old ones finish (<see cref="Control.GoAway"/>).</summary>
    GoAway = 0x15,

    /// <summary>Hub: the target accepted this stream's connection.</summary>
    Opened = 0x16,

    /// <summary>Either: both directions are aborted. Payload: u32 code (<see cref="EndReasons.StreamEndReasons"/>).</summary>
    Reset = 0x17,

    /// <summary>Edge: what became of a <see cref="Config"/> (<see cref="Control.ConfigAck"/>).</summary>
    ConfigAck = 0x18,

    /// <summary>Edge: its public address, version and load (<see cref="Control.EdgeStatusReport"/>).</summary>
    Status = 0x19,
}
