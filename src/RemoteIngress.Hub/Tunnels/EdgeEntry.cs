using RemoteIngress.Hub.Limits;
using RemoteIngress.Transport.Limits;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// One edge that has tunnels here, or is being looked up for one. Guarded by the lock of <see cref="SessionDirectory"/>, except
/// <see cref="Model"/>, which loops read at any time.
/// </summary>
internal sealed class EdgeEntry(string edgeId, DirectoryLimits limits)
{
    private volatile EdgeModel? _model;

    internal string EdgeId { get; } = edgeId;

    /// <summary>The newest state that this hub knows; <see langword="null"/> while unknown, and after the edge was removed.</summary>
    internal EdgeModel? Model
    {
        get => _model;
        set => _model = value;
    }

    /// <summary>Its connections, over all of its tunnels here; loops count them without the lock.</summary>
    internal Bound Streams { get; } = new(limits.MaxStreamsPerEdge);

    /// <summary>Its UDP sessions, likewise.</summary>
    internal Bound UdpSessions { get; } = new(limits.MaxUdpSessionsPerEdge);

    /// <summary>Authenticated tunnels.</summary>
    internal int Tunnels => Instances.Values.Sum(instance => instance.Sessions.Count);

    /// <summary>Generation of its removal, 0 for none.</summary>
    internal long RemovedAt { get; set; }

    /// <summary>Tunnels that refer to this entry, authenticated or not.</summary>
    internal int Users { get; set; }

    internal Dictionary<string, EdgeInstance> Instances { get; } = new(StringComparer.Ordinal);

    /// <summary>What is in force: of the newest state or of the removal.</summary>
    internal long Generation => Math.Max(Model?.Generation ?? 0, RemovedAt);
}
