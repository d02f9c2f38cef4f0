using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry;

/// <summary>Turns secrets into what may be kept of them, and makes new ones.</summary>
internal static class EdgeSecrets
{
    /// <summary>RFC 7677's minimum; docs/adr/0001-scram-iterations.md says why not more.</summary>
    public const int Iterations = 4096;

    private const int SaltSize = 16;
    private const int RandomSecretSize = 32;

    // random per process and never written anywhere: a tag is worth nothing outside this process
    private static readonly byte[] TagKey = RandomNumberGenerator.GetBytes(32);

    /// <summary>A verifier with a new salt.</summary>
    public static EdgeVerifier CreateVerifier(string secret) => Derive(secret, RandomNumberGenerator.GetBytes(SaltSize), Iterations);

    /// <summary>A verifier that answers the same challenge as <paramref name="other"/>.</summary>
    public static EdgeVerifier CreateVerifierLike(EdgeVerifier other, string secret) =>
        Derive(secret, [.. other.Salt], other.Iterations);

    /// <summary>Whether the verifier is this secret's. Costs a PBKDF2.</summary>
    public static bool Matches(EdgeVerifier verifier, string secret) =>
        CryptographicOperations.FixedTimeEquals(CreateVerifierLike(verifier, secret).StoredKey.AsSpan(), verifier.StoredKey.AsSpan());

    /// <summary>Recognizes a secret that was seen before, at the price of one HMAC.</summary>
    public static byte[] Tag(string secret) => HMACSHA256.HashData(TagKey, Encoding.UTF8.GetBytes(secret));

    /// <summary>A new secret: 256 random bits, safe in URLs, shells and JSON.</summary>
    public static string CreateSecret() =>
        System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomSecretSize));

    private static EdgeVerifier Derive(string secret, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), salt, iterations, HashAlgorithmName.SHA256, 32);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        CryptographicOperations.ZeroMemory(salted);
        return new EdgeVerifier
        {
            Salt = ImmutableCollectionsMarshal.AsImmutableArray(salt),
            Iterations = iterations,
            StoredKey = ImmutableCollectionsMarshal.AsImmutableArray(storedKey),
            ServerKey = ImmutableCollectionsMarshal.AsImmutableArray(serverKey),
        };
    }
}
