namespace RemoteIngress.Transport.Mux.Datagrams;

/// <summary>One UDP session of a tunnel: the datagrams of one client and one public port.</summary>
internal sealed class MuxSession
{
    private readonly Multiplexer _mux;

    internal MuxSession(Multiplexer mux, uint id)
    {
        _mux = mux;
        Id = id;
    }

    internal uint Id { get; }

    /// <summary>The near end; set once, before anything can arrive for it.</summary>
    internal IDatagramPeer Peer { get; set; } = null!;

    internal bool IsClosed { get; private set; }

    // the notes of DatagramQueue
    internal Datagram? First { get; set; }

    internal Datagram? Last { get; set; }

    internal int QueuedBytes { get; set; }

    internal int Deficit { get; set; }

    internal bool IsInLine { get; set; }

    /// <summary>Queues one datagram (borrowed) for the far end. The oldest that wait make room for it.</summary>
    internal void Send(ReadOnlySpan<byte> payload) => _mux.SendDatagram(this, payload);

    /// <summary>Ends it and tells the far end. The peer is not called back.</summary>
    internal void Close() => _mux.CloseSession(this);

    internal void MarkClosed() => IsClosed = true;
}
