using System.Buffers.Text;
using System.Text;
using RemoteIngress.Protocol.Identity;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>
/// What decodes is encoded to a token that decodes to the same; what does not says why in one line that gives nothing away.
/// Input that begins with a brace is put into base64url first: else chance would hardly get past that.
/// </summary>
internal sealed class ConnectionTokenTarget : IFuzzTarget
{
    public string Name => "token";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        .. new[]
        {
            "{", "}", "\"h\":", "\"p\":", "\"e\":", "\"s\":", "\"hs\":[", "null", "\"\\ud800\"", "\"::1\"", "\"[::1]:1\"", "\"hs\":[null]", "\"hs\":[\"b:2\",\"c\"]", "=", "==", "-", "_", "+", "/",
            "\"s\":\"\\u0000\"", "\"x\":[[[[[[[[[[[[", "1e2", "8443.0", "\"fe80::1%\\n\"", " ", "\n",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public string Run(ReadOnlySpan<byte> input)
    {
        var text = input.StartsWith("{"u8) ? Base64Url.EncodeToString(input) : Encoding.UTF8.GetString(input);
        if (!ConnectionToken.TryDecode(text, out var token, out var error))
        {
            Check.That(token is null, "a token and an error");
            Check.OneLine(error, "the error");
            return error!;
        }

        Check.That(token is not null && error is null, "neither token nor error");
        Check.That(EdgeId.IsValid(token.EdgeId) && HubAddress.IsValidHost(token.Host) && token.Port is >= 1 and <= 65535, "an invalid field was let through");
        Check.That(token.Secret.Length is > 0 and <= ConnectionToken.MaxSecretLength, "an invalid secret was let through");
        Check.That(token.AllHubs.Count >= 1 && token.AllHubs.All(hub => HubAddress.TryParse(hub.ToString(), out var parsed) && parsed == hub), "a hub that cannot be written");
        Check.OneLine(token.ToString(), "the token's description");

        var encoded = token.Encode();
        if (encoded.Length > ConnectionToken.MaxLength)
        {
            return "too long to be encoded";
        }

        Check.That(ConnectionToken.TryDecode(encoded, out var again, out error), $"what was encoded does not decode: {error}");
        Check.That((again!.Host, again.Port, again.EdgeId, again.Secret) == (token.Host, token.Port, token.EdgeId, token.Secret), "another token after one turn");
        Check.That(again.Hubs.SequenceEqual(token.Hubs), "other hubs after one turn");
        return $"ok {Math.Min(token.Hubs.Count, 5)} {token.Host.Contains(':')}";
    }
}
