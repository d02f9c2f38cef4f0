using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Storage;

/// <summary>
/// What Redis holds of one edge. A type of its own, apart from what crosses grains: the two change for different reasons, and this
/// one must read what an older version wrote.
/// </summary>
internal sealed record StoredEdge
{
    public required string EdgeId { get; init; }

    public required long Generation { get; init; }

    public required IReadOnlyList<StoredVerifier> Verifiers { get; init; }

    public required EdgeSettings Settings { get; init; }

    public static StoredEdge From(EdgeIntent intent) => From(intent.EdgeId, intent.Generation, intent.Verifiers, intent.Settings);

    public static StoredEdge From(EdgeRecord record) => From(record.EdgeId, record.Generation, record.Verifiers, record.Settings);

    public EdgeIntent ToIntent() => new()
    {
        EdgeId = EdgeId,
        Generation = Generation,
        Verifiers = [.. Verifiers.Select(verifier => verifier.ToVerifier())],
        Settings = Settings,
    };

    public EdgeRecord ToRecord() => new()
    {
        EdgeId = EdgeId,
        Generation = Generation,
        Verifiers = [.. Verifiers.Select(verifier => verifier.ToVerifier())],
        Settings = Settings,
    };

    private static StoredEdge From(string edgeId, long generation, IEnumerable<EdgeVerifier> verifiers, EdgeSettings settings) => new()
    {
        EdgeId = edgeId,
        Generation = generation,
        Verifiers = [.. verifiers.Select(StoredVerifier.From)],
        Settings = settings,
    };
}
