using System.Collections.Immutable;
using RemoteIngress.Hub.Cluster;

namespace RemoteIngress.Hub.Tunnels;

// What edges are told of the hubs of the cluster, and what other hubs are told of the edges here.
internal sealed partial class SessionDirectory
{
    /// <summary>Edges must be told of other hubs: everyone that has a tunnel gets its CONFIG again, of the generation in force.</summary>
    internal void HubsChanged()
    {
        foreach (var entry in Entries())
        {
            Renew(entry);
        }
    }

    /// <summary>How many edges have tunnels here, and how many tunnels these are.</summary>
    internal (int Edges, int Tunnels) Count()
    {
        lock (_lock)
        {
            return (_edges.Values.Count(static entry => entry.Instances.Count > 0), _tunnels);
        }
    }

    /// <summary>Every instance of every edge that has tunnels here.</summary>
    internal ImmutableArray<HeldEdge> Held()
    {
        lock (_lock)
        {
            return
            [
                .. _edges.Values.SelectMany(static entry => entry.Instances.Values.Select(instance => new HeldEdge
                {
                    EdgeId = entry.EdgeId,
                    InstanceId = instance.InstanceId,
                    ConnectedAt = instance.ConnectedAt,
                    Generation = entry.Generation,
                    Acknowledged = instance.Acknowledged,
                    ActiveStreams = instance.Sessions.Sum(static session => session.ActiveConnections),
                })),
            ];
        }
    }

    private EdgeEntry[] Entries()
    {
        lock (_lock)
        {
            return [.. _edges.Values];
        }
    }

    // A model may have been made with the hubs of a moment ago, and put in place after all others had been renewed.
    private void Renew(EdgeEntry entry)
    {
        while (entry.Model is { } model && models.Renew(model) is var renewed && renewed != model)
        {
            var now = time.GetUtcNow();
            lock (_lock)
            {
                if (entry.Model == model)
                {
                    entry.Model = renewed;
                    Push(entry, renewed, now);
                }
            }
        }
    }
}
