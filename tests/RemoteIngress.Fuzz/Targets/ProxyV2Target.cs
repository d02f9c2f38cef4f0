using RemoteIngress.Protocol.ProxyProtocol;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>What parses and can be written parses again to an equal header; the verdict comes with the announced end.</summary>
internal sealed class ProxyV2Target : IFuzzTarget
{
    public string Name => "proxy-v2";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A],
        [0x21, 0x11, 0, 12], [0x21, 0x21, 0, 36], [0x21, 0x31, 0, 216], [0x20, 0x00, 0, 0], [0x21, 0x12, 0, 19], [0x21, 0x22],
        [1, 0, 2, 0x68, 0x32], [2, 0, 1, 0x61], [3, 0, 4, 0, 0, 0, 0], [4, 0, 0], [4, 0, 3, 0, 0, 0], [5, 0, 4, 1, 2, 3, 4],
        [0x20, 0, 5, 1, 0, 0, 0, 0], [0x20, 0, 13, 1, 0, 0, 0, 0, 0x21, 0, 5, 0x54, 0x4C, 0x53, 0x76, 0x31], [0x30, 0, 1, 0x6E], [0xE0, 0, 1, 1],
    ];

    public string Run(ReadOnlySpan<byte> input)
    {
        ProxyPrefixes.Verify(input, ProxyV2.MaxReadLength, ProxyV2.TryRead);
        var status = ProxyV2.TryRead(input, out var header, out _);
        if (header is null)
        {
            return status.ToString();
        }

        foreach (var tlv in header.Tlvs.Where(t => t.Type == ProxyTlvType.Ssl))
        {
            Check.That(ProxySslInfo.TryParse(tlv, out var info), "an SSL field that does not parse was let through");
            Check.That(info!.ToTlv().Value.Span.SequenceEqual(tlv.Value.Span), "an SSL field is written otherwise");
        }

        var hasCrc = header.TryGetTlv(ProxyTlvType.Crc32C, out _);
        Rewrite(header, crc32c: false);
        Rewrite(header, crc32c: true);
        return $"{header.Command} {header.Family} {header.Transport} {hasCrc} {string.Join(',', header.Tlvs.Take(4).Select(t => (byte)t.Type / 16))}";
    }

    private static void Rewrite(ProxyHeader header, bool crc32c)
    {
        var length = ProxyV2.GetLength(header, crc32c);
        if (length > ProxyV2.MaxWriteLength)
        {
            return;
        }

        var bytes = new byte[length];
        Check.That(ProxyV2.Write(bytes, header, crc32c) == length, "not the length that was announced");
        Check.That(ProxyV2.TryRead(bytes, out var again, out var consumed) == ProxyReadStatus.Ok, "what was written does not parse");
        Check.That(consumed == length, $"{consumed} of {length} bytes");
        Check.That((again!.Command, again.Transport, again.Family) == (header.Command, header.Transport, header.Family), "another command, transport or family");
        Check.That(Equals(again.Source, header.Source) && Equals(again.Destination, header.Destination), "other addresses");
        Check.That(again.SourcePath.Span.SequenceEqual(header.SourcePath.Span), "another source path");
        Check.That(again.DestinationPath.Span.SequenceEqual(header.DestinationPath.Span), "another destination path");
        Check.That(again.TryGetTlv(ProxyTlvType.Crc32C, out _) == crc32c || header.Family == ProxyAddressFamily.Unspecified, "the checksum is not as asked");
        var fields = header.Tlvs.Where(t => t.Type != ProxyTlvType.Crc32C).Select(Text);
        Check.That(fields.SequenceEqual(again.Tlvs.Where(t => t.Type != ProxyTlvType.Crc32C).Select(Text)), "other fields");
    }

    private static string Text(ProxyTlv tlv) => $"{tlv.Type}={Convert.ToHexString(tlv.Value.Span)}";
}
