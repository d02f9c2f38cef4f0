using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Protocol.Tls;
using RemoteIngress.Protocol.Tokens;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Loops;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Tls;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Edge.Tunnels;

/// <summary>One tunnel connection of this loop to one hub, from dialling to its end.</summary>
internal sealed class HubTunnel(HubAddress hub, EventLoop loop, ITunnelOwner owner) : ITunnelEvents
{
    private Tunnel? _tunnel;
    private long _suspectSince = -1;
    private TunnelEndReason _leaves = TunnelEndReason.Draining;

    internal HubAddress Hub { get; } = hub;

    /// <summary>What the hub called itself; null before it did.</summary>
    internal string? HubId { get; private set; }

    /// <summary>It carries new connections or did, and is told of as such.</summary>
    internal bool IsTaken { get; set; }

    /// <summary>This edge leaves it; the hub drains it otherwise.</summary>
    internal bool IsLeft => _leaves != TunnelEndReason.Draining;

    internal bool IsReady => _tunnel is { Core: { IsAuthenticated: true, IsDraining: false, IsClosed: false } };

    internal bool IsDraining => _tunnel is { Core: { IsDraining: true, IsClosed: false } };

    internal int StreamCount => _tunnel?.Core.Mux.StreamCount ?? 0;

    internal int SessionCount => _tunnel?.Core.Mux.Datagrams.Count ?? 0;

    /// <summary>Microseconds; 0 before the first measurement.</summary>
    internal long RoundTrip => _tunnel?.Core.RoundTrip ?? 0;

    internal TimeSpan RetryAfter => _tunnel?.Core.RetryAfter ?? TimeSpan.Zero;

    /// <summary>An OPENED was overdue here, and nothing was heard of the hub since.</summary>
    internal bool IsSuspect => _suspectSince >= 0 && _tunnel!.Core.Liveness.LastReceived <= _suspectSince;

    /// <summary>Dials. False when the system refused; the owner was told so. True: the owner hears of the outcome and of the release.</summary>
    internal bool Connect(System.Net.IPEndPoint remote, EdgeIdentity identity, TunnelOptions options)
    {
        var setup = new TunnelSetup
        {
            Role = PeerRole.Edge,
            Options = options,
            Events = this,
            CreateTls = sink => TlsChannel.Client(sink, TlsPolicy.Client(Hub.Host, loop.Duty == LoopDuty.Datagrams)),
            CreateHandshake = core => new EdgeHandshake(identity, core),
            ChannelBinding = BindingOf,
            Released = owner.OnReleased,
        };
        _tunnel = Tunnel.Connect(loop, remote, setup, out var error);
        if (_tunnel is null)
        {
            owner.OnClosed(this, TunnelEndReason.ConnectFailed, error);
        }

        return _tunnel is not null;
    }

    /// <summary>Opens a stream for <paramref name="peer"/>; null when this tunnel takes none.</summary>
    internal MuxStream? TryOpen(ReadOnlySpan<byte> proxyLine, IStreamPeer peer) =>
        IsReady ? _tunnel!.Core.Mux.TryOpen(proxyLine, peer) : null;

    /// <summary>Opens a UDP session for <paramref name="peer"/> with a PROXY v2 header; null when this tunnel takes none.</summary>
    internal MuxSession? TryOpenSession(ReadOnlySpan<byte> header, IDatagramPeer peer) =>
        IsReady ? _tunnel!.Core.Mux.TryOpenSession(header, peer) : null;

    /// <summary>A UDP session that was here is over.</summary>
    internal void OnSessionEnded() => CloseWhenDrained();

    /// <summary>An OPENED is overdue: until the hub is heard of, others are preferred. A PING asks it at once.</summary>
    internal void Suspect()
    {
        _suspectSince = loop.Now;
        _tunnel?.Core.Probe();
    }

    internal void Send(FrameType type, byte[] payload) => _tunnel?.Core.Send(type, payload);

    internal void Close(TunnelEndReason reason, string detail) => _tunnel?.Core.Close(reason, detail);

    /// <summary>No new streams; closes when the last old one has ended.</summary>
    internal void Leave(TunnelEndReason reason)
    {
        _leaves = reason;
        _tunnel!.Core.Drain(reason.MetricTag());
        owner.OnDraining(this, reason.MetricTag());
        CloseWhenDrained();
    }

    void ITunnelEvents.OnHello(Hello hello)
    {
    }

    void ITunnelEvents.OnAuthenticated(Welcome? welcome)
    {
        HubId = welcome!.HubId;
        owner.OnReady(this, welcome);
    }

    void ITunnelEvents.OnOpen(MuxStream stream, ReadOnlySpan<byte> payload) =>
        _tunnel!.Core.Close(TunnelEndReason.ProtocolError, "a hub cannot open streams");

    void ITunnelEvents.OnControl(FrameType type, ReadOnlySpan<byte> payload)
    {
        if (type == FrameType.Config)
        {
            owner.OnConfig(this, payload.ToArray());
        }
    }

    void ITunnelEvents.OnGoAway(string reason)
    {
        owner.OnDraining(this, reason);
        CloseWhenDrained();
    }

    void ITunnelEvents.OnStreamEnded(MuxStream stream) => CloseWhenDrained();

    void ITunnelEvents.OnClosed(TunnelEndReason reason, string detail) => owner.OnClosed(this, reason, detail);

    void ITunnelEvents.OnWantsFlush() => _tunnel?.Flush();

    private void CloseWhenDrained()
    {
        if (IsDraining && StreamCount == 0 && SessionCount == 0)
        {
            Close(_leaves, "the last stream has ended");
        }
    }

    private static byte[] BindingOf(TlsChannel tls)
    {
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(
            tls.RemoteCertificate!.GetRawCertData());
        return TlsServerEndPoint.Binding(certificate);
    }
}
