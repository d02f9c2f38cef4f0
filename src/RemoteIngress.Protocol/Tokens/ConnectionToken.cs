using System.Buffers.Text;
using System.Text.Json;

namespace RemoteIngress.Protocol.Tokens;

/// <summary>
/// Everything an edge needs to connect, in one string to paste: base64url without padding of compact JSON
/// <c>{"h":host,"p":port,"e":edgeId,"s":secret}</c>; further hubs add <c>"hs":["host:port",…]</c>.
/// Tokens of remoteingress decode. It holds the secret: treat it as one.
/// </summary>
public sealed record ConnectionToken
{
    /// <summary>Longest token in characters that is looked at.</summary>
    public const int MaxLength = 16384;

    /// <summary>Longest secret in characters.</summary>
    public const int MaxSecretLength = 1024;

    /// <summary>Host of the first hub.</summary>
    public required string Host { get; init; }

    /// <summary>Port of the first hub, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>Registered name of the edge.</summary>
    public required string EdgeId { get; init; }

    /// <summary>Shared secret of edge and hubs.</summary>
    public required string Secret { get; init; }

    /// <summary>Further hubs, besides <see cref="Host"/> and <see cref="Port"/>.</summary>
    public IReadOnlyList<HubAddress> Hubs { get; init; } = [];

    /// <summary>The first hub and the further ones, each once.</summary>
    public IReadOnlyList<HubAddress> AllHubs => [.. Hubs.Prepend(new HubAddress(Host, Port)).Distinct()];

    /// <summary>The token as a string.</summary>
    public string Encode()
    {
        var document = new TokenDocument
        {
            Host = Host,
            Port = Port,
            EdgeId = EdgeId,
            Secret = Secret,
            Hubs = Hubs.Count == 0 ? null : [.. Hubs.Select(h => h.ToString())],
        };
        return Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(document, TokenJsonContext.Relaxed.TokenDocument));
    }

    /// <summary>Reads a token; padding, the standard base64 alphabet and white space round it are accepted.</summary>
    /// <param name="text">The token.</param>
    /// <param name="token">The token's content when true is returned.</param>
    /// <param name="error">One line for a person when false is returned; holds nothing of the token.</param>
    public static bool TryDecode(string? text, out ConnectionToken? token, out string? error)
    {
        token = null;
        error = TryReadDocument(text, out var document) ?? Check(document!, out token);
        return error is null;
    }

    /// <summary>Without the secret.</summary>
    public override string ToString() =>
        $"ConnectionToken {{ EdgeId = {EdgeId}, Hubs = {string.Join(' ', AllHubs)}, Secret = *** }}";

    private static string? TryReadDocument(string? text, out TokenDocument? document)
    {
        document = null;
        var trimmed = (text ?? "").Trim();
        if (trimmed.Length is 0 or > MaxLength)
        {
            return trimmed.Length == 0 ? "The token is empty." : $"The token is longer than {MaxLength} characters.";
        }

        var unpadded = trimmed.TrimEnd('=').Replace('+', '-').Replace('/', '_');
        if (trimmed.Length - unpadded.Length > 2 || unpadded.Any(char.IsWhiteSpace) || !Base64Url.IsValid(unpadded))
        {
            return "The token is not base64url: copy it whole and on one line.";
        }

        try
        {
            document = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(unpadded), TokenJsonContext.Relaxed.TokenDocument);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            document = null;
        }

        return document is null ? "The token does not hold the JSON object it should: copy it whole." : null;
    }

    private static string? Check(TokenDocument document, out ConnectionToken? token)
    {
        token = null;
        if (!HubAddress.IsValidHost(document.Host))
        {
            return "The token's \"h\" (hub host) must be a host name or an IP address.";
        }

        if (document.Port is < 1 or > 65535)
        {
            return "The token's \"p\" (hub port) must be 1 to 65535.";
        }

        if (!Identity.EdgeId.IsValid(document.EdgeId))
        {
            return "The token's \"e\" (edge id) must be 1 to 128 characters of A-Z a-z 0-9 . _ -";
        }

        if (document.Secret is not { Length: > 0 and <= MaxSecretLength })
        {
            return $"The token's \"s\" (secret) must be 1 to {MaxSecretLength} characters.";
        }

        var hubs = new List<HubAddress>();
        foreach (var text in document.Hubs ?? [])
        {
            if (!HubAddress.TryParse(text, out var hub))
            {
                return "The token's \"hs\" (further hubs) must be a list of host:port.";
            }

            hubs.Add(hub);
        }

        token = new ConnectionToken { Host = document.Host!, Port = document.Port, EdgeId = document.EdgeId!, Secret = document.Secret, Hubs = hubs };
        return null;
    }
}
