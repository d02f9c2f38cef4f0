using System.Net;

namespace RemoteIngress.Protocol.ProxyProtocol;

/// <summary>PROXY protocol version 1, the text line (proxy-protocol.txt section 2.1).</summary>
public static class ProxyV1
{
    /// <summary>Longest line in bytes, CRLF included.</summary>
    public const int MaxLength = 107;

    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';
    private const byte Space = (byte)' ';

    private static readonly ProxyHeader Unknown = new()
    {
        Command = ProxyCommand.Proxy,
        Transport = ProxyTransport.Unspecified,
        Family = ProxyAddressFamily.Unspecified,
    };

    /// <summary>
    /// Writes a line and returns its length. TCP4 when both addresses are IPv4 (mapped ones included); else TCP6, an IPv4
    /// address then being written as mapped. Does not allocate.
    /// </summary>
    /// <param name="buffer">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="source">The client.</param>
    /// <param name="destination">What the client connected to.</param>
    /// <exception cref="ArgumentException">The buffer is too small or an address is neither IPv4 nor IPv6.</exception>
    public static int Write(Span<byte> buffer, IPEndPoint source, IPEndPoint destination)
    {
        ProxyAddress.ThrowIfNotIP(source, nameof(source));
        ProxyAddress.ThrowIfNotIP(destination, nameof(destination));
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, MaxLength, nameof(buffer));

        var ipv4 = ProxyAddress.AreIPv4(source, destination);
        var prefix = ipv4 ? "PROXY TCP4 "u8 : "PROXY TCP6 "u8;
        prefix.CopyTo(buffer);
        var at = prefix.Length;
        at += WriteAddress(source.Address, ipv4, buffer[at..]);
        buffer[at++] = Space;
        at += WriteAddress(destination.Address, ipv4, buffer[at..]);
        buffer[at++] = Space;
        at += AddressText.FormatDecimal(source.Port, buffer[at..]);
        buffer[at++] = Space;
        at += AddressText.FormatDecimal(destination.Port, buffer[at..]);
        buffer[at++] = Cr;
        buffer[at++] = Lf;
        return at;
    }

    /// <summary>
    /// Reads a line from the start of <paramref name="source"/>. <c>UNKNOWN</c> gives a header without addresses. Stricter than the
    /// specification in one point: a bare CR or LF is refused in an UNKNOWN line as well.
    /// </summary>
    /// <param name="source">The first bytes of a connection; bytes after the line are left alone.</param>
    /// <param name="header">The header when <see cref="ProxyReadStatus.Ok"/> is returned.</param>
    /// <param name="consumed">Length of the line, CRLF included; 0 unless Ok.</param>
    public static ProxyReadStatus TryRead(ReadOnlySpan<byte> source, out ProxyHeader? header, out int consumed)
    {
        header = null;
        consumed = 0;
        var start = "PROXY "u8;
        var known = Math.Min(start.Length, source.Length);
        if (!source[..known].SequenceEqual(start[..known]))
        {
            return ProxyReadStatus.Invalid;
        }

        var window = source[..Math.Min(source.Length, MaxLength)];
        var end = window.IndexOfAny(Cr, Lf);
        if (end < 0 || (end == window.Length - 1 && window[end] == Cr))
        {
            return window.Length == MaxLength ? ProxyReadStatus.Invalid : ProxyReadStatus.NeedMore;
        }

        if (window[end] != Cr || window[end + 1] != Lf || end < start.Length)
        {
            return ProxyReadStatus.Invalid;
        }

        header = ParseBody(window[start.Length..end]);
        consumed = header is null ? 0 : end + 2;
        return header is null ? ProxyReadStatus.Invalid : ProxyReadStatus.Ok;
    }

    private static ProxyHeader? ParseBody(ReadOnlySpan<byte> body)
    {
        var family = TakeWord(ref body);
        if (family.SequenceEqual("UNKNOWN"u8))
        {
            return Unknown;
        }

        var ipv4 = family.SequenceEqual("TCP4"u8);
        if ((!ipv4 && !family.SequenceEqual("TCP6"u8))
            || !TryParseAddress(TakeWord(ref body), ipv4, out var source)
            || !TryParseAddress(TakeWord(ref body), ipv4, out var destination)
            || !AddressText.TryParsePort(TakeWord(ref body), out var sourcePort)
            || !AddressText.TryParsePort(body, out var destinationPort))
        {
            return null;
        }

        return new ProxyHeader
        {
            Command = ProxyCommand.Proxy,
            Transport = ProxyTransport.Stream,
            Family = ipv4 ? ProxyAddressFamily.IPv4 : ProxyAddressFamily.IPv6,
            Source = new IPEndPoint(source, sourcePort),
            Destination = new IPEndPoint(destination, destinationPort),
        };
    }

    /// <summary>Takes the text up to the next space off <paramref name="rest"/>, or all of it when there is none.</summary>
    private static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> rest)
    {
        var space = rest.IndexOf(Space);
        var word = space < 0 ? rest : rest[..space];
        rest = space < 0 ? default : rest[(space + 1)..];
        return word;
    }

    private static bool TryParseAddress(ReadOnlySpan<byte> text, bool ipv4, out IPAddress address) =>
        ipv4 ? AddressText.TryParseIPv4(text, out address) : AddressText.TryParseIPv6(text, out address);

    private static int WriteAddress(IPAddress address, bool ipv4, Span<byte> buffer)
    {
        Span<byte> bytes = stackalloc byte[ProxyAddress.IPv6Size];
        if (ipv4)
        {
            ProxyAddress.WriteIPv4(address, bytes);
            return AddressText.FormatIPv4(bytes[..ProxyAddress.IPv4Size], buffer);
        }

        ProxyAddress.WriteIPv6(address, bytes);
        return AddressText.FormatIPv6(bytes, buffer);
    }
}
