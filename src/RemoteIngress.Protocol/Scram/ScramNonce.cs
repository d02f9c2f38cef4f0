using System.Security.Cryptography;

namespace RemoteIngress.Protocol.Scram;

/// <summary>The nonces of an exchange: printable ASCII without comma (RFC 5802 section 5.1).</summary>
public static class ScramNonce
{
    /// <summary>Longest nonce in characters, of either side or both together.</summary>
    public const int MaxLength = 256;

    private const int RandomBytes = 24;

    /// <summary>A fresh nonce of 192 random bits, in base64.</summary>
    public static string Create() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>Whether <paramref name="value"/> can be a nonce.</summary>
    public static bool IsValid(ReadOnlySpan<char> value) =>
        value.Length is > 0 and <= MaxLength && !value.ContainsAnyExceptInRange('!', '~') && !value.Contains(',');
}
