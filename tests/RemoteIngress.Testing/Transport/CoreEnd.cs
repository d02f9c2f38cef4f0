using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Mux.FlowControl;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Testing.Transport;

/// <summary>One end of a tunnel without wires, and everything it told its owner.</summary>
internal sealed class CoreEnd : ITunnelEvents
{
    internal CoreEnd(PeerRole role, TunnelOptions? options = null, long now = 0, LoopHoldings? holdings = null) =>
        Core = new TunnelCore(role, options ?? TunnelOptions.Default, this, now, holdings);

    internal TunnelCore Core { get; }

    internal Hello? Hello { get; private set; }

    internal Welcome? Welcome { get; private set; }

    internal int Authenticated { get; private set; }

    internal List<(FrameType Type, byte[] Payload)> Controls { get; } = [];

    internal List<string> GoAways { get; } = [];

    internal List<(TunnelEndReason Reason, string Detail)> Closed { get; } = [];

    internal List<MuxStream> Opened { get; } = [];

    /// <summary>UDP sessions that the edge opened here.</summary>
    internal List<(MuxSession Session, RecordingDatagrams Peer, byte[] Header)> Sessions { get; } = [];

    internal List<MuxStream> StreamsEnded { get; } = [];

    internal Action<Hello>? HelloHandler { get; set; }

    /// <summary>Gives an opened stream its peer or resets it.</summary>
    internal Action<MuxStream>? OpenHandler { get; set; }

    internal ScriptedPeer PeerOf(MuxStream stream) => (ScriptedPeer)stream.Peer;

    public void OnHello(Hello hello)
    {
        Hello = hello;
        HelloHandler?.Invoke(hello);
    }

    public void OnAuthenticated(Welcome? welcome)
    {
        Welcome = welcome;
        Authenticated++;
    }

    public void OnOpen(MuxStream stream, ReadOnlySpan<byte> payload)
    {
        Opened.Add(stream);
        if (OpenHandler is null)
        {
            stream.Peer = new ScriptedPeer(2, 1) { Stream = stream };
        }
        else
        {
            OpenHandler(stream);
        }
    }

    public void OnOpenSession(MuxSession session, ReadOnlySpan<byte> payload)
    {
        var peer = new RecordingDatagrams();
        session.Peer = peer;
        Sessions.Add((session, peer, payload.ToArray()));
    }

    public void OnControl(FrameType type, ReadOnlySpan<byte> payload) => Controls.Add((type, payload.ToArray()));

    public void OnGoAway(string reason) => GoAways.Add(reason);

    public void OnStreamEnded(MuxStream stream) => StreamsEnded.Add(stream);

    public void OnClosed(TunnelEndReason reason, string detail) => Closed.Add((reason, detail));

    public void OnWantsFlush()
    {
    }

    /// <summary>Opens a stream with a scripted peer (edge).</summary>
    internal ScriptedPeer Open(int sendSeed = 1, int receiveSeed = 2)
    {
        var peer = new ScriptedPeer(sendSeed, receiveSeed);
        peer.Stream = Core.Mux.TryOpen("PROXY UNKNOWN\r\n"u8, peer) ?? throw new InvalidOperationException("the tunnel is full");
        return peer;
    }
}
