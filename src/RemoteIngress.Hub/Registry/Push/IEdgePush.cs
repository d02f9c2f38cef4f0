using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Push;

/// <summary>Tells every hub of the cluster. Nobody waits for it: what gets lost is found by the poll behind it.</summary>
internal interface IEdgePush
{
    void Changed(EdgeRecord record);

    void Removed(string edgeId, long generation);

    /// <summary>The hubs that are part of the cluster right now by name, each with its run (null while that is not known).</summary>
    IReadOnlyDictionary<string, string?> ActiveHubs();
}
