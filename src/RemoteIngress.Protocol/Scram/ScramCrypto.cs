using System.Security.Cryptography;
using System.Text;

namespace RemoteIngress.Protocol.Scram;

/// <summary>The key schedule of RFC 5802 section 3 with SHA-256 (RFC 7677).</summary>
internal static class ScramCrypto
{
    public const int HashSize = SHA256.HashSizeInBytes;

    /// <summary>
    /// The secret's UTF-8 as it is. No normalisation, on purpose: under InvariantGlobalization (our executable) .NET's Normalize does
    /// nothing, in an embedding program it would, and the two ends of one tunnel must not depend on that.
    /// </summary>
    public static byte[] SecretBytes(string secret) => Encoding.UTF8.GetBytes(secret);

    public static byte[] SaltedPassword(string secret, ReadOnlySpan<byte> salt, int iterations)
    {
        var bytes = SecretBytes(secret);
        try
        {
            return Pbkdf2Sha256.Derive(bytes, salt, iterations);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public static byte[] ClientKey(ReadOnlySpan<byte> saltedPassword) => HMACSHA256.HashData(saltedPassword, "Client Key"u8);

    public static byte[] ServerKey(ReadOnlySpan<byte> saltedPassword) => HMACSHA256.HashData(saltedPassword, "Server Key"u8);

    public static byte[] Sign(ReadOnlySpan<byte> key, string authMessage) =>
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(authMessage));

    /// <summary>Turns a client key into a proof, and a proof back into the key: XOR with the client signature.</summary>
    public static byte[] Xor(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var result = new byte[HashSize];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = (byte)(left[i] ^ right[i]);
        }

        return result;
    }
}
