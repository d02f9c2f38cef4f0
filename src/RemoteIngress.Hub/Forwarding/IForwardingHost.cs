using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>What a target connection needs of the tunnel it belongs to.</summary>
internal interface IForwardingHost
{
    EventLoop Loop { get; }

    /// <summary>From OPEN until the target accepted, look-up of its name and all of its addresses included.</summary>
    TimeSpan ConnectTimeout { get; }

    void OnConnectionStarted(TargetConnection connection);

    /// <summary>The connection's socket is closed and nothing of it is left; told once.</summary>
    void OnConnectionEnded(TargetConnection connection, StreamEndReason reason);

    /// <summary>A stream was refused before it became a connection.</summary>
    void OnConnectionRefused(StreamEndReason reason);

    void OnBytesFromTarget(int count);
}
