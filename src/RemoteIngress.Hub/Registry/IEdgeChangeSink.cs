using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry;

/// <summary>
/// Where changes of the registry arrive: implemented by the data plane, called by the push and by the poll behind it, from any
/// thread and possibly out of order. Returns at once. Every silo hears of every edge: what is not live here is ignored.
/// </summary>
internal interface IEdgeChangeSink
{
    /// <summary>An edge has this state. To be applied only if its generation is higher than the one in force.</summary>
    void Changed(EdgeRecord record);

    /// <summary>An edge is gone. To be applied only if <paramref name="generation"/> is higher than the one in force.</summary>
    void Removed(string edgeId, long generation);

    /// <summary>The newest state of an edge that has a tunnel here, which may be the last copy that there is.</summary>
    EdgeRecord? Known(string edgeId);

    /// <summary>The edges that have a tunnel here, with the generation in force.</summary>
    IReadOnlyCollection<(string EdgeId, long Generation)> LiveEdges();
}
