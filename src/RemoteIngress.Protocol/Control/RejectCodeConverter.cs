using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemoteIngress.Protocol.Control;

/// <summary>Reads codes of later versions as <see cref="RejectCode.InternalError"/>: message and retry-after still count.</summary>
internal sealed class RejectCodeConverter : JsonConverter<RejectCode>
{
    public override RejectCode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException();
        }

        foreach (var code in Enum.GetValues<RejectCode>())
        {
            if (reader.ValueTextEquals(Name(code)))
            {
                return code;
            }
        }

        return RejectCode.InternalError;
    }

    public override void Write(Utf8JsonWriter writer, RejectCode value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Name(value));

    private static string Name(RejectCode code) => code switch
    {
        RejectCode.BadCredentials => "badCredentials",
        RejectCode.VersionMismatch => "versionMismatch",
        RejectCode.Busy => "busy",
        RejectCode.Draining => "draining",
        RejectCode.Timeout => "timeout",
        RejectCode.ProtocolError => "protocolError",
        RejectCode.RegistryUnavailable => "registryUnavailable",
        RejectCode.InternalError => "internalError",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "This code is not mapped."),
    };
}
