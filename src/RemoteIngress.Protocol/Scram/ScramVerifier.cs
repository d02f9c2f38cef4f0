using System.Security.Cryptography;
using System.Text;

namespace RemoteIngress.Protocol.Scram;

/// <summary>
/// What a server keeps instead of a secret (RFC 5802 section 3): enough to check a client and to prove itself,
/// not enough to pose as the client. Arrays are not copied: treat them as immutable.
/// </summary>
/// <param name="Salt">16 random bytes by default.</param>
/// <param name="Iterations">PBKDF2 iterations, <see cref="MinIterations"/> to <see cref="MaxIterations"/>.</param>
/// <param name="StoredKey">SHA-256 of the client key, 32 bytes.</param>
/// <param name="ServerKey">Key that the server signs with, 32 bytes.</param>
public sealed record ScramVerifier(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>Iterations where nothing else is configured: the minimum of RFC 7677, because secrets are meant to be random.</summary>
    public const int DefaultIterations = 4096;

    /// <summary>Fewest iterations a client accepts (RFC 7677 section 4).</summary>
    public const int MinIterations = 4096;

    /// <summary>Most iterations a client accepts, so that a false server cannot make it burn time.</summary>
    public const int MaxIterations = 100_000;

    /// <summary>Bytes of a salt made by <see cref="CreateSalt"/> and <see cref="Decoy"/>.</summary>
    public const int SaltLength = 16;

    /// <summary>A fresh random salt.</summary>
    public static byte[] CreateSalt() => RandomNumberGenerator.GetBytes(SaltLength);

    /// <summary>The verifier of <paramref name="secret"/> (its UTF-8, not normalised). Costs <paramref name="iterations"/> rounds of PBKDF2.</summary>
    /// <exception cref="ArgumentException">The secret or the salt is empty, or the iterations are out of range.</exception>
    public static ScramVerifier Create(string secret, ReadOnlySpan<byte> salt, int iterations = DefaultIterations)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        ArgumentOutOfRangeException.ThrowIfZero(salt.Length, nameof(salt));
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, MinIterations);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, MaxIterations);
        var salted = ScramCrypto.SaltedPassword(secret, salt, iterations);
        return new ScramVerifier(salt.ToArray(), iterations, SHA256.HashData(ScramCrypto.ClientKey(salted)), ScramCrypto.ServerKey(salted));
    }

    /// <summary>
    /// A verifier for an id that is not registered: always the same for the same id and key, on the wire no different from
    /// a real one, and satisfied by no secret, because its StoredKey is not the hash of any known 32 bytes.
    /// </summary>
    /// <param name="edgeId">The id that was asked for.</param>
    /// <param name="key">Secret of the registry, the same on every hub, so that hubs cannot be told apart either.</param>
    /// <param name="iterations">What real verifiers use.</param>
    public static ScramVerifier Decoy(string edgeId, ReadOnlySpan<byte> key, int iterations = DefaultIterations) =>
        new(
            DecoyPart("salt", edgeId, key)[..SaltLength],
            iterations,
            DecoyPart("stored", edgeId, key),
            DecoyPart("server", edgeId, key));

    /// <summary>Whether <paramref name="secret"/> is the one behind this verifier. Costs one PBKDF2; compares in constant time.</summary>
    public bool Matches(string secret)
    {
        if (string.IsNullOrEmpty(secret))
        {
            return false;
        }

        var salted = ScramCrypto.SaltedPassword(secret, Salt, Iterations);
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(ScramCrypto.ClientKey(salted)), StoredKey)
            & CryptographicOperations.FixedTimeEquals(ScramCrypto.ServerKey(salted), ServerKey);
    }

    /// <summary>Equality of the contents; compares keys in constant time.</summary>
    public bool Equals(ScramVerifier? other) =>
        other is not null
        && Iterations == other.Iterations
        && Salt.AsSpan().SequenceEqual(other.Salt)
        && CryptographicOperations.FixedTimeEquals(StoredKey, other.StoredKey)
        && CryptographicOperations.FixedTimeEquals(ServerKey, other.ServerKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Salt);
        hash.Add(Iterations);
        return hash.ToHashCode();
    }

    /// <summary>Without the keys.</summary>
    public override string ToString() => $"ScramVerifier {{ Iterations = {Iterations} }}";

    private static byte[] DecoyPart(string label, string edgeId, ReadOnlySpan<byte> key) =>
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{label}:{edgeId}"));
}
