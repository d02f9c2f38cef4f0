using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Tls;

namespace RemoteIngress.Transport.Tunnels;

/// <summary>What an owner decides about a new tunnel.</summary>
internal sealed record TunnelSetup
{
    internal required PeerRole Role { get; init; }

    internal required TunnelOptions Options { get; init; }

    internal required ITunnelEvents Events { get; init; }

    internal required Func<IWireSink, TlsChannel> CreateTls { get; init; }

    internal required Func<TunnelCore, IHandshake> CreateHandshake { get; init; }

    /// <summary>tls-server-end-point of the finished TLS handshake.</summary>
    internal required Func<TlsChannel, byte[]> ChannelBinding { get; init; }

    /// <summary>Told once, on the loop, when the socket is closed and nothing of the tunnel is left: after OnClosed and its lingering.</summary>
    internal Action? Released { get; init; }
}
