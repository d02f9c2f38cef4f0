using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Mux.Datagrams;

namespace RemoteIngress.Transport.Tunnels;

/// <summary>What a tunnel tells its owner (an edge's link or a hub's session). Called on the thread that drives the core.</summary>
internal interface ITunnelEvents
{
    /// <summary>Hub: an edge introduced itself. Look it up and answer with <c>HubHandshake.Answer</c>, at once or later.</summary>
    void OnHello(Hello hello);

    /// <summary>Both sides proved that they know the secret. <paramref name="welcome"/> is what the hub said (edge only).</summary>
    void OnAuthenticated(Welcome? welcome);

    /// <summary>Hub: the edge opened a stream; give it a peer or reset it before returning.</summary>
    void OnOpen(MuxStream stream, ReadOnlySpan<byte> payload);

    /// <summary>Hub: a stream was refused by the tunnel itself; <see cref="OnOpen"/> and <see cref="OnStreamEnded"/> are not called for it.</summary>
    void OnStreamRefused(StreamEndReason reason)
    {
        // an edge is never asked for a stream, and tests that do not count need not care
    }

    /// <summary>Hub: the edge opened a UDP session; give it a peer or close it before returning.</summary>
    void OnOpenSession(MuxSession session, ReadOnlySpan<byte> payload) => session.Close();

    /// <summary>A control frame that concerns the owner: CONFIG, CONFIG_ACK or STATUS.</summary>
    void OnControl(FrameType type, ReadOnlySpan<byte> payload);

    /// <summary>The peer drains: no new streams.</summary>
    void OnGoAway(string reason);

    /// <summary>The peer heard that we drain, or does not answer: no new stream is taken from now on.</summary>
    void OnDrainHeard()
    {
        // an edge that drains ends when its clients have, whatever its hubs heard
    }

    /// <summary>A stream left the tunnel.</summary>
    void OnStreamEnded(MuxStream stream);

    /// <summary>The tunnel is over; told once, after all its streams were.</summary>
    void OnClosed(TunnelEndReason reason, string detail);

    /// <summary>There is output: arrange for a flush.</summary>
    void OnWantsFlush();
}
