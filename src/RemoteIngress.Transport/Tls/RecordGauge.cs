using System.Buffers.Binary;

namespace RemoteIngress.Transport.Tls;

/// <summary>
/// Follows the headers of TLS records in a byte stream and refuses a record that is longer than RFC 8446, section 5.2 allows. SslStream
/// waits for any length a header names, up to 64 KiB: four times the memory that a stranger needs to be given, and no answer until a deadline.
/// </summary>
internal struct RecordGauge
{
    /// <summary>2^14 bytes of content, and 256 for what encryption adds.</summary>
    internal const int MaxLength = 16_384 + 256;

    private const int HeaderSize = 5;
    private const int LengthOffset = 3;

    private int _header;
    private int _length;
    private int _left;

    /// <summary>Bytes in order, in pieces of any size; false at the first record that is too long.</summary>
    internal bool TryPass(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left > 0)
            {
                var skipped = Math.Min(_left, bytes.Length);
                _left -= skipped;
                bytes = bytes[skipped..];
            }
            else if (_header == 0 && bytes.Length >= HeaderSize)
            {
                _left = BinaryPrimitives.ReadUInt16BigEndian(bytes[LengthOffset..]);
                bytes = bytes[HeaderSize..];
            }
            else
            {
                TakeHeaderByte(bytes[0]);
                bytes = bytes[1..];
            }

            if (_left > MaxLength)
            {
                return false;
            }
        }

        return true;
    }

    private void TakeHeaderByte(byte value)
    {
        _length = _header < LengthOffset ? 0 : (_length << 8) | value;
        if (++_header == HeaderSize)
        {
            _header = 0;
            _left = _length;
        }
    }
}
