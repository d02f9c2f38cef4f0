using System.Text.Json.Serialization;

namespace RemoteIngress.Protocol.Tokens;

/// <summary>The JSON inside a token. Everything may be absent, so that errors can be ours rather than the parser's.</summary>
internal sealed class TokenDocument
{
    [JsonPropertyName("h")]
    public string? Host { get; set; }

    [JsonPropertyName("p")]
    public int Port { get; set; } = HubAddress.DefaultPort;

    [JsonPropertyName("e")]
    public string? EdgeId { get; set; }

    [JsonPropertyName("s")]
    public string? Secret { get; set; }

    [JsonPropertyName("hs")]
    public List<string>? Hubs { get; set; }
}
