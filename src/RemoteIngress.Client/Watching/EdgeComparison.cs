using RemoteIngress.Contracts;

namespace RemoteIngress.Client;

/// <summary>Finds what changed between two looks at the registry. Pure.</summary>
internal static class EdgeComparison
{
    /// <summary>The changes in the order of ids; an edge that changed in both ways has two.</summary>
    public static IEnumerable<EdgeEvent> Compare(IReadOnlyDictionary<string, EdgeView> before, IReadOnlyDictionary<string, EdgeView> now)
    {
        foreach (var id in before.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (!now.TryGetValue(id, out var edge))
            {
                yield return new EdgeEvent(EdgeEventKind.Removed, id, before[id]);
                continue;
            }

            if (!before.TryGetValue(id, out var old))
            {
                yield return new EdgeEvent(EdgeEventKind.Created, id, edge);
                continue;
            }

            if (edge.Generation != old.Generation)
            {
                yield return new EdgeEvent(EdgeEventKind.Updated, id, edge);
            }

            if (!edge.Observed.Select(Presence).SequenceEqual(old.Observed.Select(Presence)))
            {
                yield return new EdgeEvent(EdgeEventKind.PresenceChanged, id, edge);
            }
        }
    }

    // what makes two observations the same: not the lists inside, which are new objects each time
    private static (string Hub, string Instance, DateTimeOffset At, long? Acknowledged, DateTimeOffset? AcknowledgedAt) Presence(EdgeObservation observation) => (
        observation.HubId, observation.InstanceId, observation.ConnectedAt, observation.Acknowledgement?.Generation, observation.Acknowledgement?.At);
}
