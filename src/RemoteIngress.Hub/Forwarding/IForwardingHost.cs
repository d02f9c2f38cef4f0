using System.Net;
using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>What a target connection needs of the tunnel it belongs to.</summary>
internal interface IForwardingHost
{
    EventLoop Loop { get; }

    /// <summary>From OPEN until the target accepted, look-up of its name and all of its addresses included.</summary>
    TimeSpan ConnectTimeout { get; }

    OpenFiles Files { get; }

    /// <summary>A stream became a connection: <paramref name="client"/> came to the public <paramref name="port"/>.</summary>
    void OnConnectionStarted(TargetConnection connection, IPEndPoint client, int port, PortPlan plan);

    /// <summary>The connection's socket is closed and nothing of it is left; told once.</summary>
    void OnConnectionEnded(TargetConnection connection, StreamEndReason reason);

    /// <summary>A stream was refused before it became a connection.</summary>
    void OnConnectionRefused(StreamEndReason reason);

    /// <summary>No descriptor for a connection to a target.</summary>
    void OnOutOfDescriptors();

    /// <summary>The target of a public port could not be reached at any address.</summary>
    void OnTargetFailed(int port, PortPlan target, StreamEndReason reason);

    void OnBytesFromTarget(int count);
}
