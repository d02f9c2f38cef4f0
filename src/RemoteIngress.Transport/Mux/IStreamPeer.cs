using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Transport.Mux;

/// <summary>
/// What stands at the near end of a stream: the client's socket on an edge, the target's on a hub, a scripted endpoint in tests. All calls
/// come from the thread that drives the multiplexer; none may block.
/// </summary>
internal interface IStreamPeer
{
    /// <summary>
    /// Takes all of <paramref name="payload"/> (borrowed until return). Returns how much was consumed at once; the rest it keeps, within
    /// the stream's window, and reports through <see cref="MuxStream.Consumed"/> when it is gone.
    /// </summary>
    int Deliver(ReadOnlySpan<byte> payload);

    /// <summary>Writes what there is to send into <paramref name="buffer"/>.</summary>
    PullResult Pull(Span<byte> buffer);

    /// <summary>The hub's target accepted (edge only).</summary>
    void OnOpened();

    /// <summary>The far end finished its direction (half-close). What was delivered before still counts.</summary>
    void OnEnd();

    /// <summary>The stream is over, both ways; nothing may be sent on it any more.</summary>
    void OnReset(StreamEndReason reason);
}
