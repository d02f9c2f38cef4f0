using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RemoteIngress.Hub.Registry.Storage;

namespace RemoteIngress.Hub.Registry.LastKnown;

/// <summary>
/// The file's bytes: <c>RILK</c>, version, nonce (12), what is encrypted (AES-256-GCM), tag (16). Encrypted are length-prefixed JSON texts,
/// one for each edge. Magic, version and the name of the cluster are authenticated with it, so that a file of another cluster is refused like one that
/// was changed. Pure.
/// </summary>
internal static class LastKnownFormat
{
    public const int KeySize = 32;
    public const int MaxFileSize = 64 * 1024 * 1024;
    private const byte Version = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private static readonly JsonStateSerializer Json = new();

    private static ReadOnlySpan<byte> Magic => "RILK"u8;

    private static int HeaderSize => Magic.Length + 1 + NonceSize;

    /// <summary>The file for these edges, of which the last are left out when they do not fit.</summary>
    /// <param name="edges">The most important first.</param>
    /// <param name="cluster">Name of the cluster whose registry said so.</param>
    /// <param name="key">32 bytes.</param>
    /// <param name="left">How many did not fit.</param>
    /// <param name="maxSize">Of the file, in bytes.</param>
    public static byte[] Encode(IReadOnlyList<KnownEdge> edges, string cluster, ReadOnlySpan<byte> key, out int left, int maxSize = MaxFileSize)
    {
        using var plain = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(int)];
        left = 0;
        foreach (var known in edges)
        {
            var text = Json.Serialize(new Entry { ConfirmedAt = known.ConfirmedAt, Edge = StoredEdge.From(known.Record) }).ToMemory();
            if (HeaderSize + plain.Length + sizeof(int) + text.Length + TagSize > maxSize)
            {
                left++;
                continue;
            }

            BinaryPrimitives.WriteInt32BigEndian(length, text.Length);
            plain.Write(length);
            plain.Write(text.Span);
        }

        var content = plain.GetBuffer().AsSpan(0, (int)plain.Length);
        var file = new byte[HeaderSize + content.Length + TagSize];
        Magic.CopyTo(file);
        file[Magic.Length] = Version;
        var nonce = file.AsSpan(Magic.Length + 1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key, TagSize);
        cipher.Encrypt(nonce, content, file.AsSpan(HeaderSize, content.Length), file.AsSpan(^TagSize..), Associated(cluster));
        return file;
    }

    /// <summary>What the file holds, or why it cannot be used.</summary>
    public static (IReadOnlyList<KnownEdge> Edges, string? Error) Decode(ReadOnlySpan<byte> file, string cluster, ReadOnlySpan<byte> key)
    {
        if (file.Length < HeaderSize + TagSize || !file.StartsWith(Magic))
        {
            return ([], "it is not such a file, or was cut off");
        }

        if (file[Magic.Length] != Version)
        {
            return ([], $"it has version {file[Magic.Length]} of the format, this hub knows version {Version}");
        }

        var content = new byte[file.Length - HeaderSize - TagSize];
        try
        {
            using var cipher = new AesGcm(key, TagSize);
            cipher.Decrypt(file.Slice(Magic.Length + 1, NonceSize), file[HeaderSize..^TagSize], file[^TagSize..], content, Associated(cluster));
            return (Read(content), null);
        }
        catch (AuthenticationTagMismatchException)
        {
            return ([], "it was changed, or written for another cluster or with another key");
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidDataException)
        {
            return ([], "what is in it cannot be read");
        }
    }

    private static List<KnownEdge> Read(byte[] content)
    {
        var edges = new List<KnownEdge>();
        for (var at = 0; at < content.Length;)
        {
            var length = content.Length - at < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(at));
            at += sizeof(int);
            if (length < 0 || length > content.Length - at)
            {
                throw new InvalidDataException("an entry is cut off");
            }

            var entry = Json.Deserialize<Entry>(BinaryData.FromBytes(content.AsMemory(at, length)));
            edges.Add(new KnownEdge(entry.Edge.ToRecord(), entry.ConfirmedAt));
            at += length;
        }

        return edges;
    }

    private static byte[] Associated(string cluster) => [.. Magic, Version, .. Encoding.UTF8.GetBytes(cluster)];

    private sealed record Entry
    {
        public required DateTimeOffset ConfirmedAt { get; init; }

        public required StoredEdge Edge { get; init; }
    }
}
