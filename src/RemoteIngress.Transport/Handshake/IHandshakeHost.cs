using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;

namespace RemoteIngress.Transport.Handshake;

/// <summary>What a handshake needs of its tunnel.</summary>
internal interface IHandshakeHost
{
    void Send(FrameType type, ReadOnlySpan<byte> payload);

    void OnHello(Hello hello);

    void OnAuthenticated(Welcome? welcome);

    void Fail(TunnelEndReason reason, string detail);
}
