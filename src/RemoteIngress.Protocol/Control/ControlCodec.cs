using System.Buffers;
using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RemoteIngress.Protocol.Control;

/// <summary>
/// JSON payloads of control frames: UTF-8, camel case, nulls left out, unknown members ignored. Works for the message
/// types of this namespace (<see cref="Hello"/>, <see cref="Challenge"/>, <see cref="Auth"/>, <see cref="Welcome"/>, <see cref="Reject"/>,
/// <see cref="GoAway"/>, <see cref="ConfigAck"/>, <see cref="EdgeStatusReport"/>, <see cref="EdgeSnapshot"/>) and no other.
/// </summary>
public static class ControlCodec
{
    // '+' of base64 stays readable on the wire; nothing here is ever put into HTML.
    private static readonly ControlJsonContext Context = new(new JsonSerializerOptions(ControlJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private const int MaxPath = 100;

    // the context also knows the types of members; those are no messages
    private static readonly FrozenSet<Type> Messages = new[]
    {
        typeof(Hello), typeof(Challenge), typeof(Auth), typeof(Welcome), typeof(Reject),
        typeof(GoAway), typeof(ConfigAck), typeof(EdgeStatusReport), typeof(EdgeSnapshot),
    }.ToFrozenSet();

    /// <summary>The payload for <paramref name="message"/>. Its length is the caller's to check against <see cref="Frames.FrameLimits"/>.</summary>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not a control message.</exception>
    public static byte[] Encode<T>(T message)
        where T : class => JsonSerializer.SerializeToUtf8Bytes(message, TypeInfo<T>());

    /// <summary>Writes the payload for <paramref name="message"/> to <paramref name="output"/>.</summary>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not a control message.</exception>
    public static void Write<T>(IBufferWriter<byte> output, T message)
        where T : class
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = Context.Options.Encoder });
        JsonSerializer.Serialize(writer, message, TypeInfo<T>());
    }

    /// <summary>Reads and validates a payload.</summary>
    /// <param name="payload">The whole payload of the frame.</param>
    /// <param name="value">The message when true is returned.</param>
    /// <param name="error">One line that names the member at fault when false is returned; holds nothing of the payload but member names.</param>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not a control message.</exception>
    public static bool TryDecode<T>(ReadOnlySpan<byte> payload, out T? value, out string? error)
        where T : class
    {
        var typeInfo = TypeInfo<T>();
        try
        {
            value = JsonSerializer.Deserialize(payload, typeInfo);
        }
        catch (JsonException exception)
        {
            value = null;
            error = Explain(payload, typeInfo, exception);
            return false;
        }

        error = value is null ? $"{typeof(T).Name}: null is not a message." : ControlValidator.Validate(value);
        if (error is not null)
        {
            value = null;
        }

        return error is null;
    }

    private static string Explain(ReadOnlySpan<byte> payload, JsonTypeInfo typeInfo, JsonException exception)
    {
        var message = typeInfo.Type.Name;

        // the path holds names as the peer wrote them: line ends and escape sequences are not for our log
        if (exception.Path is { Length: > 2 and <= MaxPath } path && path.StartsWith("$.", StringComparison.Ordinal)
            && !path.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return $"{message}: {path[2..]} is missing something or not of the right type.";
        }

        return MissingMember(payload, typeInfo) is { } missing
            ? $"{message}: {missing} is missing."
            : $"{message}: not the JSON object it should be.";
    }

    /// <summary>The first required member that a well-formed object lacks. Only errors pay for this second look.</summary>
    private static string? MissingMember(ReadOnlySpan<byte> payload, JsonTypeInfo typeInfo)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = Context.Options.MaxDepth });
        var seen = new HashSet<string>();
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                {
                    seen.Add(reader.GetString()!);
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }

        return typeInfo.Properties.FirstOrDefault(p => p.IsRequired && !seen.Contains(p.Name))?.Name;
    }

    private static JsonTypeInfo<T> TypeInfo<T>() =>
        Messages.Contains(typeof(T)) && Context.GetTypeInfo(typeof(T)) is JsonTypeInfo<T> typeInfo
            ? typeInfo
            : throw new NotSupportedException($"{typeof(T)} is not a control message.");
}
