using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Storage;

namespace RemoteIngress.Hub.Registry.Storage;

/// <summary>
/// Grain state as plain JSON. Not the default of Orleans, which puts type and assembly names into the data: a rename would lose it,
/// and whoever can write Redis could name a type.
/// </summary>
internal sealed class JsonStateSerializer : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize<T>(input.ToMemory().Span, Options)
        ?? throw new InvalidDataException($"the stored {typeof(T).Name} is null");
}
