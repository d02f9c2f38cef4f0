using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux;
using static RemoteIngress.Testing.Simulation.InvariantException;

namespace RemoteIngress.Testing.Simulation;

internal sealed partial class SimEnd
{
    public void OnHello(Hello hello) => _tunnel.OnHello();

    public void OnAuthenticated(Welcome? welcome)
    {
        Require(!Core.IsClosed, $"{this} was authenticated after its end");
        _tunnel.OnAuthenticated(_role);
    }

    public void OnOpen(MuxStream stream, ReadOnlySpan<byte> payload)
    {
        RequireReady("OPEN");
        _tunnel.OnOpen(stream, payload);
    }

    public void OnControl(FrameType type, ReadOnlySpan<byte> payload)
    {
        RequireReady(type.ToString());
        _tunnel.OnControl(type, payload);
    }

    public void OnGoAway(string reason)
    {
        RequireReady("GOAWAY");
        CloseWhenDrained();
    }

    public void OnStreamEnded(MuxStream stream)
    {
        Require(Reason == TunnelEndReason.None, $"{this}: a stream ended after the tunnel");
        _streamsEnded++;
        CloseWhenDrained();
    }

    public void OnClosed(TunnelEndReason reason, string detail)
    {
        Require(Reason == TunnelEndReason.None, $"{this} was closed twice");
        Require(reason != TunnelEndReason.PeerSilent || _tunnel.IsImpaired, $"{this}: peer silent on a sound network");
        Require(_role == PeerRole.Hub || ClosedItself || reason == TunnelEndReason.HandshakeTimeout || _tunnel.RejectedFor is not { } said || said == reason, $"{this}: {reason}, but the hub said {_tunnel.RejectedFor}");
        Reason = reason;
        _closedAt = _context.Now;
        _lastWords = Core.Mux.QueuedControl;
        _context.Note($"   {this} closed: {reason}, {detail}");
    }

    public void OnWantsFlush()
    {
    }

    private void RequireReady(string what) => Require(Core.IsAuthenticated && !Core.IsClosed, $"{this} was told {what}, which it must not be now");

    private void CloseWhenDrained()
    {
        if (_role == PeerRole.Edge && Core.IsDraining && Core.Mux.StreamCount == 0 && !Core.IsClosed)
        {
            ClosedItself = true;
            Core.Close(TunnelEndReason.Draining, "drained");
        }
    }

    private void OnFrameSent(FrameHeader header)
    {
        var isHandshake = header.Type is FrameType.Hello or FrameType.Challenge or FrameType.Auth or FrameType.Welcome or FrameType.Reject;
        Require(Core.IsAuthenticated || isHandshake, $"{this} sent {header.Type} before authentication");
    }
}
