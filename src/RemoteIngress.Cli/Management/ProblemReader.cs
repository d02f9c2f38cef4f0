using System.Text.Json;

namespace RemoteIngress.Cli.Management;

/// <summary>problem+json (RFC 9457) to lines for people: every error of a list that was refused, else title and detail.</summary>
internal static class ProblemReader
{
    public static IReadOnlyList<string> Read(int status, string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var lines = new List<string>();
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                if (document.RootElement.TryGetProperty("errors", out var errors))
                {
                    AddErrors(errors, lines);
                }

                if (lines.Count == 0 && Summarize(document.RootElement) is { } summary)
                {
                    lines.Add(summary);
                }
            }

            return lines.Count > 0 ? lines : [Unexpected(status)];
        }
        catch (JsonException)
        {
            return [Unexpected(status)];
        }
    }

    /// <summary>Either <c>[{ "path", "message" }]</c>, plain strings, or ASP.NET's <c>{ "path": ["message"] }</c>.</summary>
    private static void AddErrors(JsonElement errors, List<string> lines)
    {
        if (errors.ValueKind == JsonValueKind.Array)
        {
            foreach (var error in errors.EnumerateArray())
            {
                lines.Add(error.ValueKind == JsonValueKind.Object ? WithPath(Text(error, "path"), Text(error, "message") ?? "invalid") : error.ToString());
            }
        }
        else if (errors.ValueKind == JsonValueKind.Object)
        {
            foreach (var error in errors.EnumerateObject())
            {
                foreach (var message in error.Value.ValueKind == JsonValueKind.Array ? [.. error.Value.EnumerateArray()] : new[] { error.Value })
                {
                    lines.Add(WithPath(error.Name, message.ToString()));
                }
            }
        }
    }

    private static string? Summarize(JsonElement problem)
    {
        var title = Text(problem, "title");
        var detail = Text(problem, "detail");
        return detail is null ? title : title is null ? detail : $"{title}: {detail}";
    }

    private static string WithPath(string? path, string message) => string.IsNullOrEmpty(path) ? message : $"{path}: {message}";

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Unexpected(int status) => status == 404
        ? "--admin-url: what answers there is not the API of a hub (HTTP status 404); give the address that the hub printed at its start"
        : $"the hub answered with HTTP status {status} and no explanation; see its log";
}
