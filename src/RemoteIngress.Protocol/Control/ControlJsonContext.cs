using System.Text.Json.Serialization;

namespace RemoteIngress.Protocol.Control;

[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16,
    Converters = [typeof(RejectCodeConverter)])]
[JsonSerializable(typeof(Hello))]
[JsonSerializable(typeof(Challenge))]
[JsonSerializable(typeof(Auth))]
[JsonSerializable(typeof(Welcome))]
[JsonSerializable(typeof(Reject))]
[JsonSerializable(typeof(GoAway))]
[JsonSerializable(typeof(ConfigAck))]
[JsonSerializable(typeof(EdgeStatusReport))]
[JsonSerializable(typeof(EdgeSnapshot))]
internal sealed partial class ControlJsonContext : JsonSerializerContext;
