using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Cli.Options;

/// <summary>Text to the values of the tunnel's ends.</summary>
internal static class TokenParsers
{
    public static Parsed<ConnectionToken> Token(string text) =>
        ConnectionToken.TryDecode(text, out var token, out var error) ? token! : new Parsed<ConnectionToken>(null, error);

    public static Parsed<HubAddress> Hub(string text) =>
        HubAddress.TryParse(text, out var address)
            ? address
            : new Parsed<HubAddress>(default, $"'{text}' is no address; give HOST:PORT, for example hub.example.org:8443 or [2001:db8::1]:8443");
}
