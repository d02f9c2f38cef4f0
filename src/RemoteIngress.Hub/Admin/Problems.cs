using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Admin;

/// <summary>Makes every error answer one of kind: problem+json (RFC 9457), with all validation errors in <c>errors</c>.</summary>
internal static class Problems
{
    public static IResult Create(int status, string detail, IEnumerable<ValidationError>? errors = null) =>
        TypedResults.Json(
            new Problem(status, ReasonPhrases.GetReasonPhrase(status), detail, errors?.ToArray()),
            contentType: "application/problem+json",
            statusCode: status);

    public static IResult Invalid(IReadOnlyCollection<ValidationError> errors) =>
        Create(StatusCodes.Status400BadRequest, errors.Count == 1 ? "1 error; nothing was changed" : $"{errors.Count} errors; nothing was changed", errors);

    public static IResult NoSuchEdge(string id) => Create(StatusCodes.Status404NotFound, $"there is no edge '{id}'");

    /// <summary>The words for a status that no handler gave words to.</summary>
    public static string Describe(int status) => status switch
    {
        StatusCodes.Status404NotFound => "there is nothing at this address; /openapi/v1.json lists what there is",
        StatusCodes.Status405MethodNotAllowed => "this address does not know the method; /openapi/v1.json lists what it knows",
        StatusCodes.Status413PayloadTooLarge => "the body is too large",
        StatusCodes.Status415UnsupportedMediaType => "send JSON with Content-Type: application/json",
        _ => "the request cannot be answered",
    };

    internal sealed record Problem(
        int Status,
        string Title,
        string Detail,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ValidationError>? Errors);
}
