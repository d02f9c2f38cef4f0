using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Limits;
using RemoteIngress.Transport.Loops;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>What a UDP session needs of the tunnel it belongs to.</summary>
internal interface IDatagramHost
{
    EventLoop Loop { get; }

    OpenFiles Files { get; }

    /// <summary>Where the edge's ports go now; <see langword="null"/> after the edge was removed.</summary>
    ForwardingPlan? Plan { get; }

    /// <summary>Bytes of receive buffer that the socket of a session asks for.</summary>
    int UdpReceiveBuffer { get; }

    /// <summary>A datagram passed, either way.</summary>
    void OnDatagramPassed();

    /// <summary>No descriptor for one more session.</summary>
    void OnOutOfDescriptors();

    /// <summary>The target of a public port refused, or cannot be reached.</summary>
    void OnTargetFailed(int port, PortPlan target, StreamEndReason reason);

    /// <summary>The session's socket is closed and nothing of it is left; told once.</summary>
    void OnSessionEnded(StreamEndReason reason);
}
