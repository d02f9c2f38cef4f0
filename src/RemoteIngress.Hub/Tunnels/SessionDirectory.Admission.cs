using RemoteIngress.Hub.Limits;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Hub.Tunnels;

/// <content>Which tunnels are too many, and which replace others.</content>
internal sealed partial class SessionDirectory
{
    // A tunnel that replaces a stale one takes its place: an edge at its bound must be able to come back.
    private HubLimit? Exceeded(EdgeEntry entry, EdgeInstance? instance, EdgeSession session)
    {
        if (instance is not null && Stale(instance, session.Place).Any())
        {
            return null;
        }

        if (_tunnels >= limits.MaxTunnels)
        {
            return HubLimit.Tunnels;
        }

        if (instance is null && entry.Instances.Count >= limits.MaxInstancesPerEdge)
        {
            return HubLimit.InstancesPerEdge;
        }

        return entry.Tunnels >= limits.MaxTunnelsPerEdge ? HubLimit.TunnelsPerEdge : null;
    }

    // The edge has given up what it had on this lane, also where the network has not noticed yet.
    private static IEnumerable<EdgeSession> Stale(EdgeInstance instance, (int Lane, long Attempt) place) =>
        instance.Sessions.Where(other => other.Place.Lane == place.Lane && other.Place.Attempt < place.Attempt);

    private static void CloseStale(EdgeInstance instance, (int Lane, long Attempt) place)
    {
        foreach (var stale in Stale(instance, place))
        {
            stale.PostClose(TunnelEndReason.Replaced);
        }
    }
}
