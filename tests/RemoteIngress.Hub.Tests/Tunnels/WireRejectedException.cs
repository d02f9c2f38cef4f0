using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Hub.Tests.Tunnels;

internal sealed class WireRejectedException(Reject reject) : Exception(reject.Message)
{
    public RejectCode Code => reject.Code;

    public int RetryAfterSeconds => reject.RetryAfterSeconds;
}
