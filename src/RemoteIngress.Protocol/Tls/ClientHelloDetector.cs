using System.Buffers.Binary;

namespace RemoteIngress.Protocol.Tls;

/// <summary>
/// Tells whether bytes are one TLS ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2) and nothing else. A server
/// that got only that has done nothing that matters, so another server may be given the same bytes.
/// Whatever is out of the ordinary counts as not safe.
/// </summary>
public static class ClientHelloDetector
{
    /// <summary>Most bytes that one record can have (RFC 8446 section 5.1): no longer prefix is <see cref="ClientHelloState.Complete"/>.</summary>
    public const int MaxLength = RecordHeader + 16384;

    private const int RecordHeader = 5;
    private const int HandshakeHeader = 4;

    /// <summary>Bytes from which on a prefix can hardly be anything but a ClientHello: record header and message type.</summary>
    private const int Recognisable = RecordHeader + 1;

    /// <summary>
    /// Whether a target that was given exactly <paramref name="sent"/> can be abandoned and another one given the same bytes:
    /// nothing, one ClientHello, or a beginning of one that is long enough to be recognised (6 bytes).
    /// </summary>
    public static bool IsSafeToRepeat(ReadOnlySpan<byte> sent) =>
        sent.IsEmpty || Inspect(sent) switch
        {
            ClientHelloState.Complete => true,
            ClientHelloState.Partial => sent.Length >= Recognisable,
            _ => false,
        };

    /// <summary>Looks at everything a client has sent so far.</summary>
    public static ClientHelloState Inspect(ReadOnlySpan<byte> prefix)
    {
        if (!HeaderFits(prefix))
        {
            return ClientHelloState.NotTls;
        }

        if (prefix.Length < RecordHeader + HandshakeHeader)
        {
            return ClientHelloState.Partial;
        }

        var recordEnd = RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(prefix[3..]);
        if (prefix.Length < recordEnd)
        {
            return ClientHelloState.Partial;
        }

        if (!IsClientHello(prefix[(RecordHeader + HandshakeHeader)..recordEnd]))
        {
            return ClientHelloState.NotTls;
        }

        return prefix.Length == recordEnd ? ClientHelloState.Complete : ClientHelloState.Beyond;
    }

    /// <summary>Whether as much as there is of the two headers is that of one ClientHello filling its record.</summary>
    private static bool HeaderFits(ReadOnlySpan<byte> prefix)
    {
        ReadOnlySpan<byte> lowest = [22, 3, 0];
        ReadOnlySpan<byte> highest = [22, 3, 4];
        for (var i = 0; i < Math.Min(prefix.Length, lowest.Length); i++)
        {
            if (prefix[i] < lowest[i] || prefix[i] > highest[i])
            {
                return false;
            }
        }

        if (prefix.Length < RecordHeader)
        {
            return true;
        }

        var record = BinaryPrimitives.ReadUInt16BigEndian(prefix[3..]);
        if (record is <= HandshakeHeader or > 16384 || (prefix.Length > RecordHeader && prefix[RecordHeader] != 1))
        {
            return false;
        }

        return prefix.Length < RecordHeader + HandshakeHeader
            || (BinaryPrimitives.ReadUInt32BigEndian(prefix[RecordHeader..]) & 0xFFFFFF) == record - HandshakeHeader;
    }

    /// <summary>legacy_version, random, session id, cipher suites, compression methods, and extensions to the very end.</summary>
    private static bool IsClientHello(ReadOnlySpan<byte> body)
    {
        const int VersionAndRandom = 2 + 32;
        if (body.Length < VersionAndRandom || body[0] != 3)
        {
            return false;
        }

        body = body[VersionAndRandom..];
        return TrySkip(ref body, 1, 0, 32)
            && TrySkip(ref body, 2, 2, 65534)
            && TrySkip(ref body, 1, 1, 255)
            && (body.IsEmpty || (TrySkip(ref body, 2, 0, 65535) && body.IsEmpty));
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> body, int lengthBytes, int min, int max)
    {
        if (body.Length < lengthBytes)
        {
            return false;
        }

        var length = lengthBytes == 1 ? body[0] : BinaryPrimitives.ReadUInt16BigEndian(body);
        if (length < min || length > max || body.Length < lengthBytes + length)
        {
            return false;
        }

        body = body[(lengthBytes + length)..];
        return true;
    }
}
