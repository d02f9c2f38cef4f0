using RemoteIngress.Contracts;

namespace RemoteIngress.Client;

/// <summary>The whole cluster at one moment: what shall be, and what is.</summary>
/// <param name="Hubs">The hubs that are part of it, by name.</param>
/// <param name="Edges">Every registered edge, by id.</param>
public sealed record ClusterStatus(IReadOnlyList<HubView> Hubs, IReadOnlyList<EdgeView> Edges)
{
    /// <summary>Edges with a tunnel to at least one hub.</summary>
    public int ConnectedEdges => Edges.Count(edge => edge.Observed.Length > 0);

    /// <summary>Edges of which every connected instance has acknowledged the newest generation; one that is not connected is not among them.</summary>
    public int UpToDateEdges => Edges.Count(edge =>
        edge.Observed.Length > 0
        && edge.Observed.GroupBy(observation => observation.InstanceId, StringComparer.Ordinal)
            .All(instance => instance.Max(observation => observation.Acknowledgement?.Generation ?? 0) >= edge.Generation));
}
