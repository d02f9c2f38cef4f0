using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RemoteIngress.Contracts;
using RemoteIngress.Protocol.Scram;

namespace RemoteIngress.Hub.Registry.Seals;

/// <summary>Cuts a list of edges into parts by their ids, and derives the seal of a part from everything in it, secrets included. Pure.</summary>
internal static class ListParts
{
    public const int SaltSize = 16;
    private const int EdgesOfAPart = 64;
    private const int MaxParts = 128;

    // Not fewer than the iterations of a verifier: whoever has the seal, and every other secret of the part, pays as much for a guess.
    private const int Iterations = 4096;

    /// <summary>How many parts a list of this length has: a power of two, so that it seldom changes.</summary>
    public static int Count(int edges) =>
        Math.Clamp((int)BitOperations.RoundUpToPowerOf2((uint)((edges + EdgesOfAPart - 1) / EdgesOfAPart)), 1, MaxParts);

    /// <summary>The part that an edge belongs to, the same in every process.</summary>
    public static int Of(string edgeId, int parts)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(edgeId), hash);
        return (int)(BinaryPrimitives.ReadUInt32LittleEndian(hash) % (uint)parts);
    }

    /// <summary>The list in its parts, each by id.</summary>
    public static IReadOnlyList<AllowedEdge>[] Cut(IReadOnlyCollection<AllowedEdge> edges)
    {
        var parts = new List<AllowedEdge>[Count(edges.Count)];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = [];
        }

        foreach (var edge in edges.OrderBy(edge => edge.Id, StringComparer.Ordinal))
        {
            parts[Of(edge.Id, parts.Length)].Add(edge);
        }

        return parts;
    }

    /// <summary>The seal of a part. Costs a PBKDF2.</summary>
    public static byte[] Seal(IEnumerable<AllowedEdge> part, byte[] salt)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var edge in part)
        {
            Append(hash, JsonSerializer.SerializeToUtf8Bytes(edge with { PortOptions = null }));

            // a dictionary's order is another one in every process
            Append(hash, JsonSerializer.SerializeToUtf8Bytes(edge.PortOptions?.OrderBy(pair => pair.Key, StringComparer.Ordinal)));
        }

        return Pbkdf2Sha256.Derive(hash.GetHashAndReset(), salt, Iterations);
    }

    private static void Append(IncrementalHash hash, byte[] text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        hash.AppendData(length);
        hash.AppendData(text);
        CryptographicOperations.ZeroMemory(text);
    }
}
