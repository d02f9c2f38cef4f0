using System.Diagnostics.Metrics;
using RemoteIngress.ClusterTls;

namespace RemoteIngress.Hub.Silo;

/// <summary>What happened to the silo of a hub, and what had to be repaired. Thread-safe.</summary>
internal sealed class SiloCounters
{
    private long _rebuilds;
    private long _restoredRows;
    private long _restoredEdges;

    /// <summary>Silos built because the cluster had declared the one before dead.</summary>
    public long Rebuilds => Interlocked.Read(ref _rebuilds);

    /// <summary>Membership rows put back into a Redis that had lost them.</summary>
    public long RestoredRows => Interlocked.Read(ref _restoredRows);

    /// <summary>Edges that were given back to a registry that had lost them.</summary>
    public long RestoredEdges => Interlocked.Read(ref _restoredEdges);

    public void Rebuilt() => Interlocked.Increment(ref _rebuilds);

    public void RowsRestored(int count) => Interlocked.Add(ref _restoredRows, count);

    public void EdgeRestored() => Interlocked.Increment(ref _restoredEdges);

    /// <summary>Shows them to whoever listens to meters. The middleware is that of the cluster's ports, where they have one.</summary>
    public void AddTo(Meter meter, string prefix, ClusterTlsMiddleware? tls)
    {
        meter.CreateObservableCounter(prefix + ".silo_rebuilds", () => Rebuilds, "{silo}", "Silos built again after the cluster had declared this hub dead");
        meter.CreateObservableCounter(
            prefix + ".restored_membership_rows", () => RestoredRows, "{row}", "Membership rows put back into a Redis that had lost them");
        meter.CreateObservableCounter(prefix + ".restored_edges", () => RestoredEdges, "{edge}", "Edges given back to a registry that had lost them");
        meter.CreateObservableCounter(
            prefix + ".refused_cluster_connections", () => tls?.Refused ?? 0, "{connection}", "Connections between hubs and clients that failed mutual TLS");
    }
}
