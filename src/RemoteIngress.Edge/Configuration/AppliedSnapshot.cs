using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Edge.Configuration;

/// <summary>A snapshot and what became of it.</summary>
internal sealed record AppliedSnapshot(EdgeSnapshot? Snapshot, IReadOnlyList<PortResult> Results)
{
    /// <summary>No hub has sent anything yet.</summary>
    internal static AppliedSnapshot None { get; } = new(null, []);

    internal long Generation => Snapshot?.Generation ?? 0;
}
