using System.Net;
using System.Text;
using RemoteIngress.Protocol.ProxyProtocol;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>What parses is written as a line that parses to the same addresses; the verdict comes with the line's end.</summary>
internal sealed class ProxyV1Target : IFuzzTarget
{
    public string Name => "proxy-v1";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        .. new[] { "PROXY ", "TCP4 ", "TCP6 ", "UNKNOWN", "\r\n", "\r", "::", "::1", "::ffff:1.2.3.4", "255.255.255.255", "0", " 65535", " 65536", "00", "ffff:" }
            .Select(Encoding.ASCII.GetBytes),
    ];

    public string Run(ReadOnlySpan<byte> input)
    {
        ProxyPrefixes.Verify(input, ProxyV1.MaxLength, ProxyV1.TryRead);
        var status = ProxyV1.TryRead(input, out var header, out _);
        if (header?.Source is null || header.Destination is null)
        {
            Check.That(header is null || header.Family == ProxyAddressFamily.Unspecified, "a family without addresses");
            return status.ToString();
        }

        Span<byte> line = stackalloc byte[ProxyV1.MaxLength];
        var written = ProxyV1.Write(line, header.Source, header.Destination);
        Check.That(ProxyV1.TryRead(line[..written], out var again, out var consumed) == ProxyReadStatus.Ok, "what was written does not parse");
        Check.That(consumed == written, $"{consumed} of {written} bytes");
        Check.That(Same(header.Source, again!.Source!) && Same(header.Destination, again.Destination!), "other addresses after writing");
        return $"{status} {header.Family} {again.Family}";
    }

    // two mapped addresses are written as IPv4
    private static bool Same(IPEndPoint first, IPEndPoint second) =>
        first.Port == second.Port && first.Address.MapToIPv6().Equals(second.Address.MapToIPv6());
}
