using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemoteIngress.Edge.Status;

/// <summary>Serializes <see cref="EdgeStatus"/> without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(EdgeStatus))]
internal sealed partial class EdgeStatusJson : JsonSerializerContext;
