namespace RemoteIngress.Transport.Mux.Datagrams;

/// <summary>What stands at the near end of a UDP session. All calls come from the thread that drives the multiplexer; none may block.</summary>
internal interface IDatagramPeer
{
    /// <summary>One whole datagram of the far end, 0 to 65,507 bytes, borrowed until return.</summary>
    void OnDatagram(MuxSession session, ReadOnlySpan<byte> payload);

    /// <summary>The session is over: the far end closed it, or (<paramref name="isTunnelLost"/>) its tunnel is gone. Not called after <see cref="MuxSession.Close"/>.</summary>
    void OnClosed(MuxSession session, bool isTunnelLost);
}
