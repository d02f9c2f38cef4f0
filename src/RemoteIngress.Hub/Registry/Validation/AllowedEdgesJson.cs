using System.Text;
using System.Text.Json;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Validation;

/// <summary>
/// Reads allowed edges from JSON and validates them. The document is walked by hand and not bound by a serializer, which would stop
/// at the first error: an operator gets all of them, each with its place.
/// </summary>
public static class AllowedEdgesJson
{
    /// <summary>Reads a list. The edges count only when there are no errors.</summary>
    public static (IReadOnlyList<AllowedEdge> Edges, IReadOnlyList<ValidationError> Errors) Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Parse(Encoding.UTF8.GetBytes(json));
    }

    /// <summary>Reads a list from UTF-8 (a byte order mark is skipped). The edges count only when there are no errors.</summary>
    public static (IReadOnlyList<AllowedEdge> Edges, IReadOnlyList<ValidationError> Errors) Parse(ReadOnlyMemory<byte> utf8Json)
    {
        var errors = new ValidationErrors();
        var edges = new List<AllowedEdge>();
        using var document = Open(utf8Json, errors);
        if (document is null)
        {
            return ([], errors.ToList());
        }

        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            errors.Add(string.Empty, "must be a list of edges: [ { \"id\": …, \"secret\": …, \"listenPorts\": [443] } ]");
            return ([], errors.ToList());
        }

        var index = 0;
        foreach (var element in document.RootElement.EnumerateArray())
        {
            edges.Add(AllowedEdgeReader.Read(element, ValidationErrors.Item(string.Empty, index++), idFromPath: null, errors));
        }

        AllowedEdgeValidator.ValidateList(edges, errors);
        return errors.Count == 0 ? (edges, []) : ([], errors.ToList());
    }

    /// <summary>
    /// Reads one edge. <paramref name="id"/> is the id from the address of the request: the body may leave it out, but not differ.
    /// The edge counts only when there are no errors.
    /// </summary>
    public static (AllowedEdge? Edge, IReadOnlyList<ValidationError> Errors) ParseOne(ReadOnlyMemory<byte> utf8Json, string? id = null)
    {
        var errors = new ValidationErrors();
        using var document = Open(utf8Json, errors);
        if (document is null)
        {
            return (null, errors.ToList());
        }

        var edge = AllowedEdgeReader.Read(document.RootElement, string.Empty, id, errors);
        AllowedEdgeValidator.ValidateEdge(edge, string.Empty, errors);
        return errors.Count == 0 ? (edge, []) : (null, errors.ToList());
    }

    internal static JsonDocument? Open(ReadOnlyMemory<byte> utf8Json, ValidationErrors errors)
    {
        if (utf8Json.Span.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8Json = utf8Json[Encoding.UTF8.Preamble.Length..];
        }

        try
        {
            return JsonDocument.Parse(utf8Json, new JsonDocumentOptions { MaxDepth = 16 });
        }
        catch (JsonException e)
        {
            // not its message, which repeats a piece of the text: that piece may be a secret
            errors.Add(string.Empty, $"is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
            return null;
        }
    }
}
