using System.Text;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>What parses is written as text that parses to the same; a host never holds what would break a line or a URL.</summary>
internal sealed class HubAddressTarget : IFuzzTarget
{
    public string Name => "hub-address";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [.. new[] { "[", "]", "[::1]", ":8443", ":65535", ":65536", "::", "%eth0", "%1", "::ffff:1.2.3.4", "fe80::", " ", "\n", "\u00a0", "/64", "@" }.Select(Encoding.UTF8.GetBytes)];

    public string Run(ReadOnlySpan<byte> input)
    {
        if (!HubAddress.TryParse(Encoding.UTF8.GetString(input), out var address))
        {
            Check.That(address == default, "false with an address");
            return "no";
        }

        Check.That(address.Port is >= 1 and <= 65535, $"port {address.Port}");
        Check.That(HubAddress.IsValidHost(address.Host), $"'{address.Host}' is no valid host");
        Check.That(address.Host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '%'), $"the host '{address.Host}' holds other characters");
        Check.That(HubAddress.TryParse(address.ToString(), out var again) && again == address, $"'{address}' parses to another or not at all");
        var kind = address.Host.Contains('%') ? "scoped" : address.Host.Contains(':') ? "IPv6" : "name";
        return $"{kind} {address.Port == HubAddress.DefaultPort}";
    }
}
