using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using RemoteIngress.Contracts;
using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Hub.Registry;

/// <summary>Turns secrets into what may be kept of them.</summary>
internal static class EdgeSecrets
{
    // random per process and never written anywhere: a tag is worth nothing outside this process
    private static readonly byte[] TagKey = RandomNumberGenerator.GetBytes(32);

    /// <summary>A verifier with a new salt. Costs a PBKDF2; docs/adr/0001-scram-iterations.md says why no more than that.</summary>
    public static EdgeVerifier CreateVerifier(string secret) => ToContract(ScramVerifier.Create(secret, ScramVerifier.CreateSalt()));

    /// <summary>A verifier that answers the same challenge as <paramref name="other"/>.</summary>
    public static EdgeVerifier CreateVerifierLike(EdgeVerifier other, string secret) =>
        ToContract(ScramVerifier.Create(secret, other.Salt.AsSpan(), other.Iterations));

    /// <summary>Whether the verifier is this secret's. Costs a PBKDF2.</summary>
    public static bool Matches(EdgeVerifier verifier, string secret) => ToScram(verifier).Matches(secret);

    /// <summary>The verifier as the handshake takes it. Shares the arrays, which nobody changes.</summary>
    public static ScramVerifier ToScram(EdgeVerifier verifier) => new(
        Array(verifier.Salt), verifier.Iterations, Array(verifier.StoredKey), Array(verifier.ServerKey));

    /// <summary>Recognizes a secret that was seen before, at the price of one HMAC.</summary>
    public static byte[] Tag(string secret) => HMACSHA256.HashData(TagKey, Encoding.UTF8.GetBytes(secret));

    private static EdgeVerifier ToContract(ScramVerifier verifier) => new()
    {
        Salt = ImmutableCollectionsMarshal.AsImmutableArray(verifier.Salt),
        Iterations = verifier.Iterations,
        StoredKey = ImmutableCollectionsMarshal.AsImmutableArray(verifier.StoredKey),
        ServerKey = ImmutableCollectionsMarshal.AsImmutableArray(verifier.ServerKey),
    };

    private static byte[] Array(System.Collections.Immutable.ImmutableArray<byte> bytes) =>
        ImmutableCollectionsMarshal.AsArray(bytes) ?? [];
}
