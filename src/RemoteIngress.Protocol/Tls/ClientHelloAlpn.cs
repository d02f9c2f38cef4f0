using System.Buffers.Binary;

namespace RemoteIngress.Protocol.Tls;

/// <summary>Reads the application protocols that a ClientHello offers (ALPN, RFC 7301 section 3.1).</summary>
public static class ClientHelloAlpn
{
    private const int Extension = 16;
    private const int RecordAndHandshakeHeader = 5 + 4;
    private const int VersionAndRandom = 2 + 32;

    /// <summary>
    /// Whether <paramref name="received"/> begins with one ClientHello in one record that offers <paramref name="protocol"/>. False for whatever is
    /// incomplete or malformed.
    /// </summary>
    public static bool Offers(ReadOnlySpan<byte> received, ReadOnlySpan<byte> protocol)
    {
        if (ClientHelloDetector.Inspect(received) is not (ClientHelloState.Complete or ClientHelloState.Beyond))
        {
            return false;
        }

        var record = 5 + BinaryPrimitives.ReadUInt16BigEndian(received[3..]);
        var body = received[(RecordAndHandshakeHeader + VersionAndRandom)..record];

        // session id, cipher suites, compression methods
        return TryTake(ref body, 1, out _)
            && TryTake(ref body, 2, out _)
            && TryTake(ref body, 1, out _)
            && TryTake(ref body, 2, out var extensions)
            && IsOffered(extensions, protocol);
    }

    private static bool IsOffered(ReadOnlySpan<byte> extensions, ReadOnlySpan<byte> protocol)
    {
        while (extensions.Length >= 2)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            extensions = extensions[2..];
            if (!TryTake(ref extensions, 2, out var value))
            {
                return false;
            }

            if (type == Extension)
            {
                return TryTake(ref value, 2, out var names) && Contains(names, protocol);
            }
        }

        return false;
    }

    private static bool Contains(ReadOnlySpan<byte> names, ReadOnlySpan<byte> protocol)
    {
        while (TryTake(ref names, 1, out var name))
        {
            if (name.SequenceEqual(protocol))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes a vector with a length of so many bytes off the front.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> bytes, int lengthBytes, out ReadOnlySpan<byte> vector)
    {
        vector = default;
        if (bytes.Length < lengthBytes)
        {
            return false;
        }

        var length = lengthBytes == 1 ? bytes[0] : BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length < lengthBytes + length)
        {
            return false;
        }

        vector = bytes.Slice(lengthBytes, length);
        bytes = bytes[(lengthBytes + length)..];
        return true;
    }
}
