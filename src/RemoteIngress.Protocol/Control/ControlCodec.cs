using System.Buffers;
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
            error = Explain(typeof(T).Name, exception);
            return false;
        }

        error = value is null ? $"{typeof(T).Name}: null is not a message." : ControlValidator.Validate(value);
        if (error is not null)
        {
            value = null;
        }

        return error is null;
    }

    private static string Explain(string message, JsonException exception) =>
        exception.Path is { Length: > 2 and <= 100 } path && path.StartsWith("$.", StringComparison.Ordinal)
            ? $"{message}: {path[2..]} is not what it should be."
            : $"{message}: not the JSON object it should be, or a member is missing.";

    private static JsonTypeInfo<T> TypeInfo<T>() =>
        Context.GetTypeInfo(typeof(T)) as JsonTypeInfo<T>
        ?? throw new NotSupportedException($"{typeof(T)} is not a control message.");
}
