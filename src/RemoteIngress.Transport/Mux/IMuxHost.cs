using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Mux.Datagrams;

namespace RemoteIngress.Transport.Mux;

/// <summary>What a multiplexer needs of the tunnel it is part of.</summary>
internal interface IMuxHost
{
    /// <summary>Microseconds on the driver's clock.</summary>
    long Now { get; }

    /// <summary>Smoothed round trip in microseconds.</summary>
    long RoundTrip { get; }

    /// <summary>There is something to send: come and <see cref="Multiplexer.Fill"/>.</summary>
    void WantsFlush();

    /// <summary>The peer broke the protocol, or a bound was passed.</summary>
    void Fail(TunnelEndReason reason, string detail);

    /// <summary>Hub: the edge opened a stream. Give it a peer or reset it, before returning.</summary>
    void OnOpen(MuxStream stream, ReadOnlySpan<byte> payload);

    /// <summary>Hub: a stream was refused before anybody saw it, because there are too many or because the hub drains.</summary>
    void OnRefused(StreamEndReason reason);

    /// <summary>Hub: the edge opened a UDP session. Give it a peer or close it, before returning.</summary>
    void OnOpenSession(MuxSession session, ReadOnlySpan<byte> payload);

    /// <summary>A stream left the table.</summary>
    void OnStreamEnded(MuxStream stream);
}
