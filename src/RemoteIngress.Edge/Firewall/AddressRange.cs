using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RemoteIngress.Edge.Firewall;

/// <summary>Consecutive addresses of one family, as numbers: whatever text they came from, what is written is ours.</summary>
internal readonly record struct AddressRange(bool IsV6, UInt128 First, UInt128 Last)
{
    private const int MaxText = 64;
    private const int MappedBits = 96;

    /// <summary>Reads an address or CIDR range. Bits behind the prefix count as zero; IPv4 within IPv6 (<c>::ffff:0:0/96</c>) is IPv4.</summary>
    internal static bool TryParse(string? text, out AddressRange range)
    {
        range = default;
        if (text is null or { Length: 0 or > MaxText })
        {
            return false;
        }

        var slash = text.IndexOf('/');
        if (!TryParseAddress(slash < 0 ? text : text[..slash], out var address))
        {
            return false;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bits))
        {
            return false;
        }

        if (address.IsIPv4MappedToIPv6 && prefix >= MappedBits)
        {
            (address, bits, prefix) = (address.MapToIPv4(), 32, prefix - MappedBits);
        }

        var hostBits = HostBits(bits - prefix);
        var first = ToNumber(address) & ~hostBits;
        range = new AddressRange(bits == 128, first, first | hostBits);
        return true;
    }

    /// <summary>The same addresses in the fewest ranges, in order; one family at a time.</summary>
    internal static IReadOnlyList<AddressRange> Merge(IEnumerable<AddressRange> ranges)
    {
        var merged = new List<AddressRange>();
        foreach (var range in ranges.OrderBy(range => range.First))
        {
            if (merged.Count > 0 && (range.First <= merged[^1].Last || range.First == merged[^1].Last + 1))
            {
                merged[^1] = merged[^1] with { Last = UInt128.Max(merged[^1].Last, range.Last) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    /// <summary>Every address of its family.</summary>
    internal bool IsEverything => First == 0 && Last == HostBits(IsV6 ? 128 : 32);

    /// <summary>As nft reads it: an address, a prefix, or two addresses with a dash.</summary>
    public override string ToString()
    {
        var size = Last - First;
        var isPrefix = (size & (size + 1)) == 0 && (First & size) == 0;
        return !isPrefix ? $"{ToAddress(First)}-{ToAddress(Last)}"
            : size == 0 ? ToAddress(First).ToString()
            : $"{ToAddress(First)}/{(IsV6 ? 128 : 32) - (int)UInt128.PopCount(size)}";
    }

    private static bool TryParseAddress(string text, out IPAddress address)
    {
        address = IPAddress.None;
        if (!IPAddress.TryParse(text, out var parsed))
        {
            return false;
        }

        // The framework also takes "1", octal numbers, brackets and zones.
        address = parsed;
        return parsed.AddressFamily == AddressFamily.InterNetwork ? parsed.ToString() == text : !text.Contains('%') && !text.Contains('[');
    }

    private static UInt128 HostBits(int bits) => bits == 128 ? UInt128.MaxValue : (UInt128.One << bits) - 1;

    private static UInt128 ToNumber(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private IPAddress ToAddress(UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(IsV6 ? bytes : bytes[12..]);
    }
}
