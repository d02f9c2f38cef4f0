namespace RemoteIngress.Hub.Registry.Seals;

/// <summary>
/// The seals of a fleet as they are stored: what its list looked like, in parts, when it was last made what the list said. Holds no secret and
/// nothing by which one is easier to guess than by its verifier (docs/adr/0012-unchanged-lists.md).
/// </summary>
internal sealed record SealState
{
    /// <summary>Revision of the fleet that the seals belong to; with any other they say nothing.</summary>
    public long FleetRevision { get; init; }

    /// <summary>Salt of all seals.</summary>
    public byte[] Salt { get; init; } = [];

    /// <summary>One seal for each part of the list; empty: that part has changed since, one edge at a time.</summary>
    public IReadOnlyList<byte[]> Parts { get; init; } = [];
}
