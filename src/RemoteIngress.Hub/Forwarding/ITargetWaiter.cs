using System.Net;

namespace RemoteIngress.Hub.Forwarding;

/// <summary>Somebody on a loop who waits for the addresses of a target.</summary>
internal interface ITargetWaiter
{
    /// <summary>Called on the waiter's loop, once. Empty: the name has no address, or could not be asked for.</summary>
    void OnResolved(IReadOnlyList<IPAddress> addresses);
}
