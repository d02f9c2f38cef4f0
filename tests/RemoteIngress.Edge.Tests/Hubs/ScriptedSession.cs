using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Handshake;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Tls;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Edge.Tests.Hubs;

/// <summary>One tunnel at a <see cref="ScriptedHub"/>.</summary>
internal sealed class ScriptedSession(ScriptedHub hub) : ITunnelEvents
{
    private HubHandshake? _handshake;

    internal Tunnel Tunnel { get; set; } = null!;

    internal TunnelSetup Setup(TunnelOptions options) => new()
    {
        Role = PeerRole.Hub,
        Options = options,
        Events = this,
        CreateTls = sink => TlsChannel.Server(sink, TlsPolicy.Server(hub.Certificate.Context)),
        CreateHandshake = core => _handshake = new HubHandshake(hub.Identity, core) { Hubs = () => hub.Named },
        ChannelBinding = _ => hub.Certificate.Binding,
    };

    internal void SendConfig(EdgeSnapshot snapshot) => Tunnel.Core.Send(FrameType.Config, ControlCodec.Encode(snapshot));

    public void OnHello(Hello hello) => hub.Answer(hello, lookup => _handshake!.Answer(lookup));

    public void OnAuthenticated(Welcome? welcome) => hub.OnAuthenticated(this);

    public void OnOpen(MuxStream stream, ReadOnlySpan<byte> payload) => hub.OnStream(new ScriptedStream(hub, stream, payload));

    public void OnOpenSession(MuxSession session, ReadOnlySpan<byte> payload) => hub.OnUdp(new ScriptedUdp(hub, session, payload));

    public void OnControl(FrameType type, ReadOnlySpan<byte> payload)
    {
        if (type == FrameType.ConfigAck && ControlCodec.TryDecode<ConfigAck>(payload, out var ack, out _))
        {
            hub.OnAck(ack!);
        }
        else if (type == FrameType.Status && ControlCodec.TryDecode<EdgeStatusReport>(payload, out var report, out _))
        {
            hub.OnReport(report!);
        }
    }

    public void OnGoAway(string reason)
    {
    }

    public void OnStreamEnded(MuxStream stream)
    {
    }

    public void OnClosed(TunnelEndReason reason, string detail) => hub.OnClosed(this);

    public void OnWantsFlush() => Tunnel?.Flush();
}
