using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemoteIngress.Protocol.Tokens;

[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 8)]
[JsonSerializable(typeof(TokenDocument))]
internal sealed partial class TokenJsonContext : JsonSerializerContext
{
    /// <summary>Short tokens: no escapes for characters that only HTML minds.</summary>
    public static TokenJsonContext Relaxed { get; } =
        new(new JsonSerializerOptions { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 8, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
