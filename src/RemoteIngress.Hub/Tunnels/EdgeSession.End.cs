using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Tunnels;

namespace RemoteIngress.Hub.Tunnels;

// How a tunnel ends, in order or with its loop, and gives back what is counted for it.
internal sealed partial class EdgeSession
{
    /// <summary>Its loop died, and with it the socket: gives back what is counted for it. Once, after the end of the loop's thread.</summary>
    internal void Abandon()
    {
        while (_places > 0)
        {
            LeaveStream();
        }

        while (_activeUdpSessions > 0)
        {
            GiveSessionBack();
        }

        LeaveAdmission();
        End(TunnelEndReason.InternalError, TunnelEndReason.InternalError.Describe());
    }

    void ITunnelEvents.OnClosed(TunnelEndReason reason, string detail)
    {
        Loop.Cancel(_expiry);
        if (!_isRegistered)
        {
            NoteFailure(reason);
        }

        End(reason, detail);
    }

    private void OnReleased()
    {
        // Not before: whoever was refused may keep the socket open for the time of a linger.
        LeaveAdmission();
        _hub.OnReleased(this);
    }

    private void End(TunnelEndReason reason, string detail)
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        if (Edge is not null)
        {
            _hub.Directory.Leave(this, reason);
        }

        if (_isRegistered)
        {
            _hub.Counters.TunnelEnded(reason);
            _hub.Events.Post(new HubEvent.Ended(Edge!.EdgeId, InstanceId, _remote, reason, detail));
        }
        else
        {
            _hub.Refuse(_remote, Edge?.EdgeId, reason, detail);
        }
    }

    private void LeaveAdmission()
    {
        if (!_hasLeftAdmission)
        {
            _hasLeftAdmission = true;
            _hub.LeaveAdmission(_remote.Address);
        }
    }

    private void NoteFailure(TunnelEndReason reason)
    {
        if (reason == TunnelEndReason.BadCredentials)
        {
            _hub.Failures.Add(_remote.Address);
        }

        if (_penalty is not null)
        {
            Loop.Cancel(_penalty);
        }
    }
}
