using System.Text.Json;

namespace RemoteIngress.Cli.Output;

/// <summary>JSON on the output stream: indented for a person, otherwise exactly as it came.</summary>
internal static class JsonWriter
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(CliContext context, string json)
    {
        if (json.Length == 0)
        {
            return;
        }

        context.Out.WriteLine(context.Interactive ? Indent(json) : json);
    }

    private static string Indent(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement, Indented);
    }
}
