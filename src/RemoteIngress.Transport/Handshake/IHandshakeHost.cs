using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Handshake;

/// <summary>What a handshake needs of its tunnel.</summary>
internal interface IHandshakeHost
{
    /// <summary>Bytes this end holds for the tunnel's streams at most: what the peer is told.</summary>
    long BufferBytes { get; }

    void Send(FrameType type, ReadOnlySpan<byte> payload);

    void OnHello(Hello hello);

    void OnAuthenticated(Welcome? welcome);

    void Fail(TunnelEndReason reason, string detail);
}
