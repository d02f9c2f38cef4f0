namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>One type-length-value field of a version 2 header.</summary>
/// <param name="Type">May hold a number that <see cref="ProxyTlvType"/> does not name.</param>
/// <param name="Value">At most 65,535 bytes.</param>
public readonly record struct ProxyTlv(ProxyTlvType Type, ReadOnlyMemory<byte> Value)
{
    /// <summary>Bytes before the value on the wire.</summary>
    internal const int HeaderSize = 3;

    /// <summary>Longest <see cref="ProxyTlvType.UniqueId"/> in bytes.</summary>
    public const int MaxUniqueId = 128;

    /// <summary>Reads a sequence of fields that fills <paramref name="source"/> exactly; false if it does not. Values are slices.</summary>
    internal static bool TryReadAll(ReadOnlyMemory<byte> source, out IReadOnlyList<ProxyTlv> tlvs)
    {
        tlvs = [];
        var list = source.IsEmpty ? null : new List<ProxyTlv>();
        while (!source.IsEmpty)
        {
            if (source.Length < HeaderSize)
            {
                return false;
            }

            var length = (source.Span[1] << 8) | source.Span[2];
            if (source.Length < HeaderSize + length)
            {
                return false;
            }

            list!.Add(new ProxyTlv((ProxyTlvType)source.Span[0], source.Slice(HeaderSize, length)));
            source = source[(HeaderSize + length)..];
        }

        tlvs = list ?? tlvs;
        return true;
    }

    /// <summary>Writes the field and returns its length on the wire.</summary>
    internal static int Write(Span<byte> buffer, ProxyTlvType type, ReadOnlySpan<byte> value)
    {
        buffer[0] = (byte)type;
        buffer[1] = (byte)(value.Length >> 8);
        buffer[2] = (byte)value.Length;
        value.CopyTo(buffer[HeaderSize..]);
        return HeaderSize + value.Length;
    }
}
