namespace RemoteIngress.Hub;

/// <summary>One edge that has tunnels.</summary>
/// <param name="EdgeId">Its name.</param>
/// <param name="Generation">Of its desired state.</param>
/// <param name="InSync">Every instance has acknowledged that at every hub that holds it.</param>
/// <param name="HeldBy">One entry for each hub and instance.</param>
public sealed record ClusterEdge(string EdgeId, long Generation, bool InSync, IReadOnlyList<EdgeHolding> HeldBy);
