using System.Buffers.Text;
using System.Security.Cryptography;

namespace RemoteIngress.Contracts;

/// <summary>Makes secrets for edges.</summary>
public static class EdgeSecret
{
    private const int Size = 32;

    /// <summary>A new secret: 256 random bits, safe in URLs, shells and JSON.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Size));
}
