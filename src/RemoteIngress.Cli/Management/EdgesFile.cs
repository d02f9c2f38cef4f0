using System.Text.Json;

namespace RemoteIngress.Cli.Management;

/// <summary>A file with allowed edges. Its content is validated by the hub, which knows the rules and names every error.</summary>
internal static class EdgesFile
{
    public static async Task<string> ReadAsync(string path, CliContext context, CancellationToken cancellation)
    {
        try
        {
            return path == "-" ? await context.In.ReadToEndAsync(cancellation) : await File.ReadAllTextAsync(path, cancellation);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage([$"FILE: cannot read '{path}'; give a readable JSON file, or - for the input"]);
        }
    }

    /// <summary>Ends the command when the text is not JSON at all: only here is it known that it came from a file.</summary>
    public static void CheckJson(string json)
    {
        using var document = Parse(json);
    }

    /// <summary>The edges of a list, or the one edge of a single object, each with its id.</summary>
    public static IReadOnlyList<(string Id, string Json)> Split(string json)
    {
        using var document = Parse(json);
        var root = document.RootElement;
        var elements = root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : new[] { root };
        return [.. elements.Select(static (element, index) => (Id(element, index), element.GetRawText()))];
    }

    private static JsonDocument Parse(string json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException exception)
        {
            throw CliException.Usage(
                [$"FILE: not JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}; correct it there"]);
        }
    }

    private static string Id(JsonElement element, int index) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty("id", out var id)
        && id.ValueKind == JsonValueKind.String
        && id.GetString() is { Length: > 0 } text
            ? text
            : throw CliException.Usage([$"[{index}].id: missing; every edge needs an id"]);
}
