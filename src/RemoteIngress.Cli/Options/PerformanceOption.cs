using System.CommandLine;
using System.Text.Json;

namespace RemoteIngress.Cli.Options;

/// <summary><c>--performance FILE</c> (or the JSON itself in a variable, as in remoteingress): what this version can tune.</summary>
internal sealed class PerformanceOption
{
    private const string JsonVariable = "REMOTEINGRESS_PERFORMANCE_JSON";

    private static readonly string[] Names = ["loops", "maxStreams", "heldConnections"];

    private readonly CliOption<string> _file = new(
        "--performance", "FILE", $"JSON object with any of {string.Join(", ", Names)} (the last two: edge); the object itself may stand in {JsonVariable}", OptionParsers.Text,
        "loops 0, which is one per core; maxStreams 100000; heldConnections 4096");

    public void AddTo(Command command) => command.Options.Add(_file.Option);

    public PerformanceSettings Read(OptionReader reader)
    {
        if (!reader.HasFlag(_file) && reader.Variable(JsonVariable) is { } json)
        {
            return Parse(reader, JsonVariable, json);
        }

        return reader.Get(_file) is { } path && reader.ReadFile(_file.Name, path) is { } text
            ? Parse(reader, _file.Name, text)
            : new PerformanceSettings();
    }

    private static PerformanceSettings Parse(OptionReader reader, string source, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                reader.AddError(source, "not a JSON object; give one like {\"loops\":4}");
                return new PerformanceSettings();
            }

            var values = new Dictionary<string, int>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                Add(reader, source, property, values);
            }

            return new PerformanceSettings
            {
                Loops = values.TryGetValue(Names[0], out var loops) ? loops : null,
                MaxStreams = values.TryGetValue(Names[1], out var streams) ? streams : null,
                HeldConnections = values.TryGetValue(Names[2], out var held) ? held : null,
            };
        }
        catch (JsonException exception)
        {
            reader.AddError(source, $"not JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}; correct it there");
            return new PerformanceSettings();
        }
    }

    private static void Add(OptionReader reader, string source, JsonProperty property, Dictionary<string, int> values)
    {
        if (!Names.Contains(property.Name))
        {
            reader.AddError(source, $"unknown field '{property.Name}'; this version has {string.Join(", ", Names)}");
        }
        else if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt32(out var value))
        {
            reader.AddError(source, $"{property.Name} is not a whole number; give one");
        }
        else
        {
            values[property.Name] = value;
        }
    }
}
