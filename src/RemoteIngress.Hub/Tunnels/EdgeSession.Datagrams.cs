using RemoteIngress.Hub.Forwarding;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Mux.Datagrams;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Hub.Tunnels;

internal sealed partial class EdgeSession
{
    private int _activeUdpSessions;

    OpenFiles IDatagramHost.Files => _hub.Options.Files;

    ForwardingPlan? IDatagramHost.Plan => Edge!.Model?.Plan;

    int IDatagramHost.UdpReceiveBuffer => _hub.Options.UdpReceiveBuffer;

    /// <summary>Open UDP sessions; any thread may read it.</summary>
    internal int ActiveUdpSessions => Volatile.Read(ref _activeUdpSessions);

    void ITunnelEvents.OnOpenSession(MuxSession session, ReadOnlySpan<byte> payload)
    {
        if (EnterSession() is { } limit)
        {
            session.Close();
            Loop.Datagrams.Counts.OnRefused(StreamEndReason.LimitReached);
            _hub.RefuseStream(limit, Edge!.EdgeId);
            return;
        }

        // before it is opened: it may end at once
        Volatile.Write(ref _activeUdpSessions, _activeUdpSessions + 1);
        if (TargetSession.Open(this, session, payload) is { } refused)
        {
            LeaveSession();
            Loop.Datagrams.Counts.OnRefused(refused);
        }
    }

    void IDatagramHost.OnDatagramPassed() => _hub.OnDatagramPassed();

    void IDatagramHost.OnOutOfDescriptors() => _hub.RefuseStream(HubLimit.Descriptors, Edge!.EdgeId);

    void IDatagramHost.OnTargetFailed(int port, PortPlan target, StreamEndReason reason) =>
        _hub.OnTargetFailed(Edge!.EdgeId, port, target, reason);

    void IDatagramHost.OnSessionEnded(StreamEndReason reason) => LeaveSession();

    private HubLimit? EnterSession()
    {
        if (!Edge!.UdpSessions.TryEnter())
        {
            return HubLimit.UdpSessionsPerEdge;
        }

        if (_hub.UdpSessions.TryEnter())
        {
            return null;
        }

        Edge.UdpSessions.Leave();
        return HubLimit.UdpSessions;
    }

    private void LeaveSession()
    {
        GiveSessionBack();
        _hub.OnSessionEnded();
    }

    private void GiveSessionBack()
    {
        Volatile.Write(ref _activeUdpSessions, _activeUdpSessions - 1);
        Edge!.UdpSessions.Leave();
        _hub.UdpSessions.Leave();
    }
}
