using System.Collections.Immutable;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Cluster;

/// <summary>This hub, as the others of its cluster may ask it. Thread-safe; every call returns at once.</summary>
internal interface ILocalHub
{
    /// <summary>Its name.</summary>
    string HubId { get; }

    /// <summary>Another one for every start of its process.</summary>
    string InstanceId { get; }

    /// <summary>How it is now.</summary>
    HubView Describe();

    /// <summary>The edges that have tunnels here.</summary>
    ImmutableArray<HeldEdge> HeldEdges();

    /// <summary>Begins to drain, after which the hub stops. Does nothing when it does already.</summary>
    void RequestDrain();
}
