using System.Collections.Immutable;
using System.Text;

namespace RemoteIngress.Contracts;

/// <summary>
/// What is stored instead of a secret: the SCRAM-SHA-256 verifier (RFC 5802 section 3). All verifiers of one edge share salt and
/// iterations, so that during a rotation either secret answers the same challenge.
/// </summary>
[GenerateSerializer, Immutable, Alias("remoteingress.EdgeVerifier")]
public sealed record EdgeVerifier
{
    /// <summary>Random salt of the edge.</summary>
    [Id(0)]
    public required ImmutableArray<byte> Salt { get; init; }

    /// <summary>PBKDF2 iterations, at least 4096 (RFC 7677).</summary>
    [Id(1)]
    public required int Iterations { get; init; }

    /// <summary>SHA-256 of the client key, 32 bytes.</summary>
    [Id(2)]
    public required ImmutableArray<byte> StoredKey { get; init; }

    /// <summary>Key by which the hub proves that it knows the verifier, 32 bytes.</summary>
    [Id(3)]
    public required ImmutableArray<byte> ServerKey { get; init; }

    /// <summary>From when on this verifier no longer counts (the old secret of a rotation); <see langword="null"/> for never.</summary>
    [Id(4)]
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Whether this verifier still counts at that time.</summary>
    public bool IsValidAt(DateTimeOffset now) => NotAfter is null || now < NotAfter;

    // a verifier is not the secret, but whoever has it may try secrets offline: it has no place in a log
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Iterations = ").Append(Iterations).Append(", NotAfter = ").Append(NotAfter);
        return true;
    }
}
