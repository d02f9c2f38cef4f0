using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Handshake;

namespace RemoteIngress.Testing.Transport;

/// <summary>Authenticates without a word, for tests of what comes after.</summary>
internal sealed class InstantHandshake(IHandshakeHost host) : IHandshake
{
    public void Begin(ReadOnlyMemory<byte> channelBinding) => host.OnAuthenticated(null);

    public bool Expects(FrameType type) => false;

    public void OnFrame(FrameType type, ReadOnlySpan<byte> payload) => throw new InvalidOperationException("nothing is expected");
}
