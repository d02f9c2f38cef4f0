using System.Collections.Immutable;
using System.Text.Json;

namespace RemoteIngress.Hub.Registry.Validation;

/// <summary>
/// Reads the known fields of one JSON object, notes wrong types, and at the end everything that nobody asked for.
/// A null counts as left out.
/// </summary>
internal sealed class JsonObjectReader
{
    private readonly string _path;
    private readonly ValidationErrors _errors;
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];

    public JsonObjectReader(JsonElement element, string path, ValidationErrors errors)
    {
        _path = path;
        _errors = errors;
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.AddBroken(path, "must be an object");
            IsObject = false;
            return;
        }

        IsObject = true;
        foreach (var property in element.EnumerateObject())
        {
            if (ReadName(property, path, errors) is { } name && !_fields.TryAdd(name, property.Value))
            {
                errors.Add(Field(Safe(name)), "appears twice; name every field once");
            }
        }
    }

    public bool IsObject { get; }

    public string Field(string name) => ValidationErrors.Field(_path, name);

    public string? String(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        return ReadString(value, Field(name), _errors);
    }

    public int? Integer(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        return ReadInteger(value, Field(name), _errors);
    }

    public bool? Boolean(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        _errors.Add(Field(name), "must be true or false");
        return null;
    }

    public ImmutableArray<T> List<T>(string name, Func<JsonElement, string, ValidationErrors, T> read)
    {
        if (!TryGet(name, out var value))
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            _errors.AddBroken(Field(name), "must be a list");
            return [];
        }

        var index = 0;
        var items = ImmutableArray.CreateBuilder<T>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
        {
            items.Add(read(item, ValidationErrors.Item(Field(name), index++), _errors));
        }

        return items.MoveToImmutable();
    }

    public bool TryGet(string name, out JsonElement value)
    {
        _known.Add(name);
        return _fields.TryGetValue(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    /// <summary>To be called when all fields were asked for: whatever is left is a mistake, most likely in spelling.</summary>
    public void RejectUnknown()
    {
        foreach (var name in _fields.Keys.Where(name => !_known.Contains(name, StringComparer.Ordinal)))
        {
            _errors.Add(Field(Safe(name)), "unknown field; known are " + string.Join(", ", _known));
        }
    }

    public static string? ReadString(JsonElement value, string path, ValidationErrors errors)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            errors.Add(path, "must be a string");
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            errors.Add(path, "is not valid Unicode");
            return null;
        }
    }

    /// <summary>Null and an error for the object at <paramref name="path"/> when the name is not text: the reader leaves that open until it is asked.</summary>
    public static string? ReadName(JsonProperty property, string path, ValidationErrors errors)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            errors.Add(path, "holds a field name that is not valid Unicode");
            return null;
        }
    }

    public static int? ReadInteger(JsonElement value, string path, ValidationErrors errors)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number))
        {
            return number;
        }

        errors.Add(path, "must be a whole number" + (value.ValueKind == JsonValueKind.Number ? " of this size or less: 2147483647" : string.Empty));
        return null;
    }

    private static string Safe(string name) => Names.IsName(name, 64) ? name : ValidationErrors.Quote(name);
}
