using RemoteIngress.Edge.Limits;
using RemoteIngress.Edge.Tunnels;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Edge.Udp;

/// <summary>What the UDP sessions of a loop need of it.</summary>
internal interface IUdpOwner
{
    EventLoop Loop { get; }

    /// <summary>A tunnel that is up; null while there is none.</summary>
    HubTunnel? Choose();

    /// <summary>A bound was met: a session had to go for a newer one.</summary>
    void MeetLimit(EdgeLimit limit);

    /// <summary>A session is over.</summary>
    void OnSessionEnded();
}
