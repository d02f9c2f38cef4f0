using System.Buffers.Binary;
using System.Net;

namespace RemoteIngress.Protocol.Stun;

/// <summary>The Binding method of STUN (RFC 8489): "from which address do you see me?". Bytes and values only.</summary>
public static class StunBinding
{
    /// <summary>Length of a request in bytes: the header, and no attribute.</summary>
    public const int RequestSize = 20;

    /// <summary>The port where none is written.</summary>
    public const int DefaultPort = 3478;

    private const ushort Request = 0x0001;
    private const ushort Success = 0x0101;
    private const ushort Failure = 0x0111;
    private const uint Cookie = 0x2112A442;
    private const int CookieAt = 4;
    private const int IdAt = 8;
    private const int AttributeHeader = 4;
    private const int FingerprintSize = 4;
    private const int Sha1Size = 20;
    private const int MinSha256Size = 16;
    private const int MaxSha256Size = 32;
    private const uint FingerprintMask = 0x5354554E;

    /// <summary>Writes a request of <see cref="RequestSize"/> bytes. It says nothing of who asks.</summary>
    public static void WriteRequest(Span<byte> destination, StunTransactionId id)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, Request);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(destination[CookieAt..], Cookie);
        id.Write(destination[IdAt..]);
    }

    /// <summary>Reads a datagram that may be the response to the request with <paramref name="id"/>.</summary>
    /// <param name="datagram">All of it: bytes behind the message make it malformed.</param>
    /// <param name="id">The transaction of the request.</param>
    /// <param name="response">The response when <see cref="StunReadStatus.Ok"/> is returned; it keeps no reference to the datagram.</param>
    public static StunReadStatus TryReadResponse(ReadOnlySpan<byte> datagram, StunTransactionId id, out StunResponse? response)
    {
        response = null;
        if (!IsResponse(datagram))
        {
            return StunReadStatus.Malformed;
        }

        if (StunTransactionId.Read(datagram[IdAt..]) != id)
        {
            return StunReadStatus.OtherTransaction;
        }

        var attributes = default(Attributes);
        var status = attributes.Read(datagram);
        if (status != StunReadStatus.Ok)
        {
            return status;
        }

        response = BinaryPrimitives.ReadUInt16BigEndian(datagram) == Success
            ? new StunResponse(attributes.XorMapped ?? attributes.Mapped, null)
            : new StunResponse(null, attributes.Error);
        if (response is not { Mapped: null, Error: null })
        {
            return StunReadStatus.Ok;
        }

        response = null;
        return StunReadStatus.Incomplete;
    }

    private static bool IsResponse(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= RequestSize
        && BinaryPrimitives.ReadUInt16BigEndian(datagram) is Success or Failure
        && BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) == datagram.Length - RequestSize
        && datagram.Length % 4 == 0
        && BinaryPrimitives.ReadUInt32BigEndian(datagram[CookieAt..]) == Cookie;

    /// <summary>What the attributes of a message say. Of several of one kind the first counts (RFC 8489 section 14).</summary>
    private ref struct Attributes
    {
        private bool _isSealed;
        private bool _isNotUnderstood;

        public IPEndPoint? XorMapped { get; private set; }

        public IPEndPoint? Mapped { get; private set; }

        public StunError? Error { get; private set; }

        public StunReadStatus Read(ReadOnlySpan<byte> message)
        {
            var at = RequestSize;
            while (at < message.Length)
            {
                // a message is whole words, and so a header is all there
                var type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
                var length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
                var padded = (length + 3) & ~3;
                if (padded > message.Length - at - AttributeHeader)
                {
                    return StunReadStatus.Malformed;
                }

                if (type == StunAttributeType.Fingerprint)
                {
                    return Finish(message, at, length);
                }

                if (!Take(type, message.Slice(at + AttributeHeader, length), message[CookieAt..RequestSize]))
                {
                    return StunReadStatus.Malformed;
                }

                at += AttributeHeader + padded;
            }

            return _isNotUnderstood ? StunReadStatus.NotUnderstood : StunReadStatus.Ok;
        }

        private bool Take(ushort type, ReadOnlySpan<byte> value, ReadOnlySpan<byte> mask)
        {
            if (_isSealed)
            {
                // Behind MESSAGE-INTEGRITY anybody may have added it: it does not count (RFC 8489 sections 14.5 and 14.6).
                return true;
            }

            _isNotUnderstood |= !StunAttributeType.IsUnderstood(type);
            switch (type)
            {
                case StunAttributeType.XorMappedAddress when XorMapped is null:
                    var isAddress = StunAddress.TryRead(value, mask, out var xorMapped);
                    XorMapped = xorMapped;
                    return isAddress;
                case StunAttributeType.MappedAddress when Mapped is null:
                    isAddress = StunAddress.TryRead(value, default, out var mapped);
                    Mapped = mapped;
                    return isAddress;
                case StunAttributeType.ErrorCode when Error is null:
                    var isError = StunError.TryRead(value, out var error);
                    Error = error;
                    return isError;
                case StunAttributeType.MessageIntegrity:
                    _isSealed = true;
                    return value.Length == Sha1Size;
                case StunAttributeType.MessageIntegritySha256:
                    _isSealed = true;
                    return value.Length is >= MinSha256Size and <= MaxSha256Size && value.Length % 4 == 0;
                default:
                    return true;
            }
        }

        // It must be the last one, and covers everything before it.
        private readonly StunReadStatus Finish(ReadOnlySpan<byte> message, int at, int length)
        {
            if (length != FingerprintSize || at + AttributeHeader + FingerprintSize != message.Length)
            {
                return StunReadStatus.Malformed;
            }

            var expected = Crc32.Compute(message[..at]) ^ FingerprintMask;
            return BinaryPrimitives.ReadUInt32BigEndian(message[(at + AttributeHeader)..]) != expected ? StunReadStatus.BadFingerprint
                : _isNotUnderstood ? StunReadStatus.NotUnderstood
                : StunReadStatus.Ok;
        }
    }
}
