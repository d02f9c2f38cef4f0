using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace RemoteIngress.Testing.Targets;

/// <summary>What targets do with a connection.</summary>
public static class Handlers
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Sends everything back, and ends when the client does.</summary>
    public static async Task EchoAsync(TargetConnection connection, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            while ((read = await connection.ReadAsync(buffer, cancellation)) > 0)
            {
                await connection.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }

            connection.EndWriting();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads until the client's half-close and only then answers, with the number and the SHA-256 of the bytes.</summary>
    public static async Task DigestAsync(TargetConnection connection, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        long length = 0;
        int read;
        while ((read = await connection.ReadAsync(buffer, cancellation)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            length += read;
        }

        await connection.WriteAsync(Encoding.ASCII.GetBytes($"{length} {Convert.ToHexString(hash.GetHashAndReset())}"), cancellation);
        connection.EndWriting();
    }

    /// <summary>Reads a line with a number and sends that many bytes of <see cref="Pattern"/>.</summary>
    public static async Task SourceAsync(TargetConnection connection, CancellationToken cancellation)
    {
        var request = new byte[32];
        var length = 0;
        while (!request.AsSpan(0, length).Contains((byte)'\n'))
        {
            var read = await connection.ReadAsync(request.AsMemory(length), cancellation);
            if (read == 0)
            {
                return;
            }

            length += read;
        }

        var pattern = new Pattern(long.Parse(Encoding.ASCII.GetString(request, 0, length), System.Globalization.CultureInfo.InvariantCulture));
        while (pattern.Next() is { IsEmpty: false } block)
        {
            await connection.WriteAsync(block, cancellation);
        }

        connection.EndWriting();
    }

    /// <summary>Says who it was told the client is, in one line, and ends.</summary>
    public static async Task WhoAsync(TargetConnection connection, CancellationToken cancellation)
    {
        await connection.WriteAsync(Encoding.ASCII.GetBytes($"{connection.Header?.Source} {connection.Header?.Destination}"), cancellation);
        connection.EndWriting();

        // a close with the client's bytes unread would be a reset, and could overtake the answer
        var rest = new byte[1024];
        while (await connection.ReadAsync(rest, cancellation) > 0)
        {
        }
    }
}
