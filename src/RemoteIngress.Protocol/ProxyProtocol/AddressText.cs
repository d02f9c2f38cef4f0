using System.Globalization;
using System.Net;

namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>
/// Addresses as version 1 writes them. Its own code because <see cref="IPAddress"/> reads more than the grammar allows
/// (octal, scopes, brackets) and writes what it does not (scopes, dotted tails).
/// </summary>
internal static class AddressText
{
    private const int Groups = 8;

    public static bool TryParseIPv4(ReadOnlySpan<byte> text, out IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address = IPAddress.None;
        if (!TryReadDotted(text, bytes))
        {
            return false;
        }

        address = new IPAddress(bytes);
        return true;
    }

    /// <summary>Hex groups with at most one <c>::</c>. A dotted tail is accepted too: inet_ntop, and so HAProxy, writes mapped addresses like that.</summary>
    public static bool TryParseIPv6(ReadOnlySpan<byte> text, out IPAddress address)
    {
        address = IPAddress.IPv6None;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        var gap = text.IndexOf("::"u8);
        if (gap < 0)
        {
            if (!TryReadGroups(text, bytes, out var all) || all != Groups)
            {
                return false;
            }
        }
        else if (!TryReadAroundGap(text[..gap], text[(gap + 2)..], bytes))
        {
            return false;
        }

        address = new IPAddress(bytes);
        return true;
    }

    /// <summary>Decimal, without leading zeroes, 0 to 65535.</summary>
    public static bool TryParsePort(ReadOnlySpan<byte> text, out int port) => TryReadDecimal(text, 65535, out port);

    /// <summary>Writes dotted decimal and returns the number of bytes.</summary>
    public static int FormatIPv4(ReadOnlySpan<byte> address, Span<byte> buffer)
    {
        var at = 0;
        for (var i = 0; i < address.Length; i++)
        {
            if (i > 0)
            {
                buffer[at++] = (byte)'.';
            }

            at += FormatDecimal(address[i], buffer[at..]);
        }

        return at;
    }

    /// <summary>Writes RFC 5952 form, always in hex groups, and returns the number of bytes.</summary>
    public static int FormatIPv6(ReadOnlySpan<byte> address, Span<byte> buffer)
    {
        var (gapStart, gapLength) = LongestZeroRun(address);
        var at = 0;
        for (var group = 0; group < Groups; group++)
        {
            if (group == gapStart)
            {
                "::"u8.CopyTo(buffer[at..]);
                at += 2;
                group += gapLength - 1;
                continue;
            }

            if (at > 0 && buffer[at - 1] != ':')
            {
                buffer[at++] = (byte)':';
            }

            Group(address, group).TryFormat(buffer[at..], out var written, "x", CultureInfo.InvariantCulture);
            at += written;
        }

        return at;
    }

    /// <summary>Writes a decimal number and returns the number of bytes.</summary>
    public static int FormatDecimal(int value, Span<byte> buffer)
    {
        value.TryFormat(buffer, out var written, default, CultureInfo.InvariantCulture);
        return written;
    }

    private static (int Start, int Length) LongestZeroRun(ReadOnlySpan<byte> address)
    {
        var (bestStart, bestLength) = (-1, 1); // RFC 5952 section 4.2.2: one zero group alone is written out
        var start = 0;
        for (var group = 0; group <= Groups; group++)
        {
            if (group < Groups && Group(address, group) == 0)
            {
                continue;
            }

            if (group - start > bestLength)
            {
                (bestStart, bestLength) = (start, group - start);
            }

            start = group + 1;
        }

        return (bestStart, bestLength);
    }

    private static int Group(ReadOnlySpan<byte> address, int group) => (address[group * 2] << 8) | address[(group * 2) + 1];

    private static bool TryReadAroundGap(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, Span<byte> bytes)
    {
        Span<byte> tail = stackalloc byte[16];
        var (head, rest) = (0, 0);
        if (before.Contains((byte)'.') || (!before.IsEmpty && !TryReadGroups(before, bytes, out head))
            || (!after.IsEmpty && !TryReadGroups(after, tail, out rest)) || head + rest >= Groups)
        {
            return false;
        }

        tail[..(rest * 2)].CopyTo(bytes[^(rest * 2)..]);
        return true;
    }

    private static bool TryReadGroups(ReadOnlySpan<byte> text, Span<byte> bytes, out int groups)
    {
        groups = 0;
        while (true)
        {
            var colon = text.IndexOf((byte)':');
            var group = colon < 0 ? text : text[..colon];
            if (colon < 0 && groups <= Groups - 2 && TryReadDotted(group, bytes.Slice(groups * 2, 4)))
            {
                groups += 2;
                return true;
            }

            if (groups == Groups || !TryReadHex(group, out var value))
            {
                return false;
            }

            bytes[groups * 2] = (byte)(value >> 8);
            bytes[(groups * 2) + 1] = (byte)value;
            groups++;
            if (colon < 0)
            {
                return true;
            }

            text = text[(colon + 1)..];
        }
    }

    private static bool TryReadHex(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var character in text)
        {
            if (!char.IsAsciiHexDigit((char)character))
            {
                return false;
            }

            value = (value << 4) | HexDigit(character);
        }

        return text.Length is > 0 and <= 4;
    }

    private static int HexDigit(byte character) =>
        char.IsAsciiDigit((char)character) ? character - '0' : (character | 0x20) - 'a' + 10;

    private static bool TryReadDotted(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        for (var i = 0; i < 4; i++)
        {
            var dot = text.IndexOf((byte)'.');
            if ((dot < 0) != (i == 3) || !TryReadDecimal(dot < 0 ? text : text[..dot], 255, out var value))
            {
                return false;
            }

            bytes[i] = (byte)value;
            text = text[(dot + 1)..];
        }

        return true;
    }

    private static bool TryReadDecimal(ReadOnlySpan<byte> text, int max, out int value)
    {
        value = 0;
        if (text.Length is 0 or > 5 || (text.Length > 1 && text[0] == (byte)'0'))
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiDigit((char)character))
            {
                return false;
            }

            value = (value * 10) + (character - '0');
        }

        return value <= max;
    }
}
