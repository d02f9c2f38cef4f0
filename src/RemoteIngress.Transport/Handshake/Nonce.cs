using System.Security.Cryptography;

namespace RemoteIngress.Transport.Handshake;

/// <summary>SCRAM nonces: 144 random bits in printable characters without a comma (RFC 5802 section 5.1).</summary>
internal static class Nonce
{
    internal static string Create() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
}
