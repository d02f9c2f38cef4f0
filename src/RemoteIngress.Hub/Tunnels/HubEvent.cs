using System.Net;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>Something that loops tell the control plane.</summary>
internal abstract record HubEvent
{
    /// <summary>A tunnel was authenticated.</summary>
    internal sealed record Authenticated(string EdgeId, string InstanceId, IPEndPoint Remote, string Software) : HubEvent;

    /// <summary>An authenticated tunnel is over.</summary>
    internal sealed record Ended(string EdgeId, string InstanceId, IPEndPoint Remote, TunnelEndReason Reason, string Detail) : HubEvent;

    /// <summary>A connection to the tunnel port did not become a tunnel. <paramref name="EdgeId"/> is what it claimed to be.</summary>
    internal sealed record Refused(IPEndPoint Remote, string? EdgeId, TunnelEndReason Reason, string Detail) : HubEvent;

    /// <summary>A target could not be reached at any of its addresses.</summary>
    internal sealed record TargetFailed(string EdgeId, int Port, string Target, StreamEndReason Reason) : HubEvent;

    /// <summary>Connections of an edge are refused because a bound is met.</summary>
    internal sealed record StreamsRefused(string EdgeId, HubLimit Limit, string Detail) : HubEvent;

    /// <summary>The system has no descriptor for another connection.</summary>
    internal sealed record AcceptPaused(string Error) : HubEvent;

    /// <summary>An edge's snapshot is larger than a CONFIG frame may be.</summary>
    internal sealed record ConfigTooLarge(string EdgeId, long Generation) : HubEvent;

    /// <summary>A minute went by.</summary>
    internal sealed record Minute : HubEvent;
}
