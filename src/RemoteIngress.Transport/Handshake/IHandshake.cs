using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Handshake;

/// <summary>One side of the authentication of a tunnel: frames in, frames out through its host. No I/O, no clock.</summary>
internal interface IHandshake
{
    /// <summary>Starts, with the channel binding of the TLS connection (tls-server-end-point, RFC 5929).</summary>
    void Begin(ReadOnlyMemory<byte> channelBinding);

    /// <summary>Whether <paramref name="type"/> may come now.</summary>
    bool Expects(FrameType type);

    void OnFrame(FrameType type, ReadOnlySpan<byte> payload);
}
