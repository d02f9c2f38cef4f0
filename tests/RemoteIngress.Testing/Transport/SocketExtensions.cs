using System.Net.Sockets;
using System.Security.Cryptography;

namespace RemoteIngress.Testing.Transport;

/// <summary>Bulk transfer over plain sockets.</summary>
internal static class SocketExtensions
{
    /// <summary>Sends <paramref name="length"/> pseudo-random bytes, then FIN if asked; returns their SHA-256.</summary>
    internal static async Task<string> SendRandomAsync(this Socket socket, int seed, long length, bool end)
    {
        var random = new Random(seed);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[256 * 1024];
        for (var left = length; left > 0;)
        {
            var piece = buffer.AsMemory(0, (int)Math.Min(left, random.Next(1, buffer.Length)));
            random.NextBytes(piece.Span);
            hash.AppendData(piece.Span);
            for (var rest = piece; rest.Length > 0;)
            {
                rest = rest[await socket.SendAsync(rest)..];
            }

            left -= piece.Length;
        }

        if (end)
        {
            socket.Shutdown(SocketShutdown.Send);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Reads and drops <paramref name="count"/> bytes.</summary>
    internal static async Task ReceiveExactlyAsync(this Socket socket, int count)
    {
        var buffer = new byte[count];
        for (var received = 0; received < count;)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(received));
            received += read > 0 ? read : throw new EndOfStreamException();
        }
    }

    /// <summary>Reads to the end; returns the SHA-256 and the length.</summary>
    internal static async Task<(string Hash, long Length)> ReceiveToEndAsync(this Socket socket)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[256 * 1024];
        long length = 0;
        while (await socket.ReceiveAsync(buffer) is > 0 and var count)
        {
            hash.AppendData(buffer.AsSpan(0, count));
            length += count;
        }

        return (Convert.ToHexString(hash.GetHashAndReset()), length);
    }

    /// <summary>Closes with RST.</summary>
    internal static void Reset(this Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
