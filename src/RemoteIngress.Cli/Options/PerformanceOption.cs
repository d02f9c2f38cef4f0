using System.CommandLine;
using System.Text.Json;
using RemoteIngress.Transport.Limits;

namespace RemoteIngress.Cli.Options;

/// <summary>
/// <c>--performance FILE</c> (or the JSON itself in a variable, as in remoteingress): a flat object of whole numbers, those of the table that
/// hub or edge have. Their ranges are the validator's to check, with everything else.
/// </summary>
internal sealed class PerformanceOption<TOptions>
    where TOptions : new()
{
    private const string Name = "--performance";
    private static readonly string JsonVariable = OptionNames.JsonVariable(Name);

    private readonly IReadOnlyList<PerformanceField<TOptions>> _fields;
    private readonly CliOption<string> _file;

    public PerformanceOption(IReadOnlyList<PerformanceField<TOptions>> fields)
    {
        _fields = fields;
        _file = new CliOption<string>(
            Name, "FILE", $"JSON object with limits and tuning, any of the names below; the object itself may stand in {JsonVariable}", OptionParsers.Text,
            string.Join(", ", fields.Select(field => $"{field.Name} {Text(field)}")));
    }

    public void AddTo(Command command) => command.Options.Add(_file.Option);

    /// <summary>Writes what the file or the variable says into <paramref name="options"/>; adds every error to <paramref name="reader"/>.</summary>
    public void Read(OptionReader reader, TOptions options)
    {
        if (!reader.HasFlag(_file) && reader.Variable(JsonVariable) is { } json)
        {
            Parse(reader, JsonVariable, json, options);
        }
        else if (reader.Get(_file) is { } path && reader.ReadFile(_file.Name, path) is { } text)
        {
            Parse(reader, _file.Name, text, options);
        }
    }

    /// <summary>Rows for people: every name with its value.</summary>
    public static IEnumerable<IReadOnlyList<string>> Rows(IReadOnlyList<PerformanceField<TOptions>> fields, TOptions options) =>
        fields.Select(field => (IReadOnlyList<string>)[field.Name, field.Name == "loops" ? Loops(field.Get(options)) : $"{field.Get(options)}"]);

    private void Parse(OptionReader reader, string source, string json, TOptions options)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                reader.AddError(source, "not a JSON object; give one like {\"loops\":4}");
                return;
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                Set(reader, source, property, options);
            }
        }
        catch (JsonException exception)
        {
            reader.AddError(source, $"not JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}; correct it there");
        }
    }

    private void Set(OptionReader reader, string source, JsonProperty property, TOptions options)
    {
        if (_fields.FirstOrDefault(field => field.Name == property.Name) is not { } found)
        {
            reader.AddError(source, $"unknown field '{property.Name}'; this version has {string.Join(", ", _fields.Select(field => field.Name))}");
        }
        else if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt32(out var value))
        {
            reader.AddError(source, $"{property.Name} is not a whole number; give {found.Min} to {found.Max}");
        }
        else
        {
            found.Set(options, value);
        }
    }

    private static string Text(PerformanceField<TOptions> field) => field.Name == "loops" ? $"0 ({Loops(0)})" : $"{field.Default}";

    private static string Loops(int loops) => loops == 0 ? "one per core" : $"{loops}";
}
