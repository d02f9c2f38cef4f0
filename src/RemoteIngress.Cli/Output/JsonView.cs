using System.Globalization;
using System.Text.Json;

namespace RemoteIngress.Cli.Output;

/// <summary>
/// Cells out of the API's JSON. Lenient on purpose: a newer or older hub may have more or fewer fields, and a table with a
/// dash beats no table.
/// </summary>
internal static class JsonView
{
    private const string Missing = "-";

    /// <summary>The first of the dotted <paramref name="paths"/> that is there, as one cell.</summary>
    public static string Cell(JsonElement element, params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (Find(element, path) is { } value)
            {
                return Format(value);
            }
        }

        return Missing;
    }

    public static JsonElement? Find(JsonElement element, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return null;
            }
        }

        return element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : element;
    }

    /// <summary>The array at <paramref name="path"/> (empty path: the element itself); empty when it is not one.</summary>
    public static IReadOnlyList<JsonElement> Items(JsonElement element, string path = "")
    {
        var value = path.Length == 0 ? element : Find(element, path);
        return value is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : [];
    }

    private static string Format(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0 ? Missing : string.Join(",", value.EnumerateArray().Select(Format)),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.String => value.GetString() is { Length: > 0 } text ? ErrorPrinter.OneLine(text) : Missing,
        JsonValueKind.Number => value.TryGetDouble(out var number) && number % 1 != 0
            ? number.ToString("0.##", CultureInfo.InvariantCulture)
            : value.GetRawText(),
        _ => value.GetRawText(),
    };
}
