using RemoteIngress.Protocol.Frames;
using RemoteIngress.Transport.Mux.FlowControl;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Testing.Transport;

/// <summary>Two ends of a tunnel in memory on a virtual clock. Nothing moves unless it is told to.</summary>
internal sealed class CorePair
{
    private readonly byte[] _batch = new byte[256 * 1024];

    internal CorePair(TunnelOptions? options = null, LoopHoldings? hubHoldings = null)
    {
        Edge = new CoreEnd(PeerRole.Edge, options);
        Hub = new CoreEnd(PeerRole.Hub, options, holdings: hubHoldings);
    }

    /// <summary>Two ends that are authenticated already.</summary>
    internal static CorePair Authenticated(TunnelOptions? options = null, LoopHoldings? hubHoldings = null)
    {
        var pair = new CorePair(options, hubHoldings);
        pair.Edge.Core.Begin(new InstantHandshake(pair.Edge.Core), default, 0);
        pair.Hub.Core.Begin(new InstantHandshake(pair.Hub.Core), default, 0);
        foreach (var end in new[] { pair.Edge, pair.Hub })
        {
            // what HELLO and WELCOME would have said
            end.Core.Mux.Sending.Total = (options ?? TunnelOptions.Default).Buffers.TunnelBytes;
        }

        return pair;
    }

    internal CoreEnd Edge { get; }

    internal CoreEnd Hub { get; }

    internal Wire ToHub { get; } = new();

    internal Wire ToEdge { get; } = new();

    internal long Now { get; set; }

    internal void FillEdge(int room = int.MaxValue) => Fill(Edge, ToHub, room);

    internal void FillHub(int room = int.MaxValue) => Fill(Hub, ToEdge, room);

    internal void DeliverToHub(int count = int.MaxValue) => Hub.Core.Receive(ToHub.Take(count), Now);

    internal void DeliverToEdge(int count = int.MaxValue) => Edge.Core.Receive(ToEdge.Take(count), Now);

    /// <summary>Moves everything both ways until nothing moves any more.</summary>
    internal void Pump()
    {
        do
        {
            FillEdge();
            DeliverToHub();
            FillHub();
            DeliverToEdge();
        }
        while (Edge.Core.HasOutput || Hub.Core.HasOutput || ToHub.Waiting > 0 || ToEdge.Waiting > 0);
    }

    private void Fill(CoreEnd end, Wire wire, int room)
    {
        var length = end.Core.Fill(_batch.AsSpan(0, Math.Min(room, _batch.Length)), Now);
        wire.Write(_batch.AsSpan(0, length));
    }
}
