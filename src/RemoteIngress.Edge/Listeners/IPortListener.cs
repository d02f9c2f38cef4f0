using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Edge.Listeners;

/// <summary>A public port on one loop.</summary>
internal interface IPortListener
{
    PortSpec Spec { get; set; }

    /// <summary>Takes no more clients. Those it has go on, unless <paramref name="reason"/> says why they end too.</summary>
    void Close(StreamEndReason? reason);
}
