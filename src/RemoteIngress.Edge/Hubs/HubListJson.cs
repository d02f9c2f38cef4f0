using System.Text.Json.Serialization;

namespace RemoteIngress.Edge.Hubs;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HubListContent))]
internal sealed partial class HubListJson : JsonSerializerContext;
