using RemoteIngress.Transport.Mux.Datagrams;

namespace RemoteIngress.Testing.Transport;

/// <summary>One end of a UDP session that keeps what came.</summary>
internal sealed class RecordingDatagrams : IDatagramPeer
{
    internal List<byte[]> Received { get; } = [];

    /// <summary>Null while it is open.</summary>
    internal bool? WasTunnelLost { get; private set; }

    public void OnDatagram(MuxSession session, ReadOnlySpan<byte> payload) => Received.Add(payload.ToArray());

    public void OnClosed(MuxSession session, bool isTunnelLost)
    {
        if (WasTunnelLost is not null)
        {
            throw new InvalidOperationException("told twice");
        }

        WasTunnelLost = isTunnelLost;
    }
}
