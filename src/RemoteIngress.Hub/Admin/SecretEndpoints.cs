using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Registry.Validation;

namespace RemoteIngress.Hub.Admin;

/// <summary>New secrets and connection tokens: the two places where a secret leaves the hub, once.</summary>
internal sealed class SecretEndpoints(EdgeManager edges, TokenIssuer tokens)
{
    private const int MaxOverlapSeconds = 30 * 24 * 3600;

    public void Map(RouteGroupBuilder api)
    {
        api.MapPost("/edges/{id}/rotate-secret", RotateAsync).WithName("RotateSecret")
            .WithSummary("A new random secret, answered once; the old one ends at once, or after overlapSeconds")
            .Accepts<RotateRequest>(isOptional: true, "application/json").Produces<SecretAnswer>().ProducesProblem(400).ProducesProblem(404);
        api.MapPost("/edges/{id}/token", TokenAsync).WithName("IssueToken")
            .WithSummary("A connection token: from { \"secret\": … }, which is checked, or { \"rotate\": true }, which makes a new secret")
            .Accepts<TokenRequest>(isOptional: true, "application/json").Produces<SecretAnswer>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
    }

    private async Task<IResult> RotateAsync(HttpContext context, string id)
    {
        var body = await RequestBody.ReadOptionalJsonAsync(context, RequestBody.MaxSmall);
        var errors = new ValidationErrors();
        var request = Read(body, errors, json => new RotateRequest(json.Integer("overlapSeconds"), Hubs(json)))
            ?? new RotateRequest(null, null);
        if (request.OverlapSeconds is < 0 or > MaxOverlapSeconds)
        {
            errors.Add("overlapSeconds", $"give 0 to {MaxOverlapSeconds} seconds");
        }

        TokenIssuer.Check(request.Hubs ?? [], errors);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors.ToList());
        }

        var overlap = request.OverlapSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        return await AnswerNewSecretAsync(context, id, overlap, request.Hubs ?? []);
    }

    private async Task<IResult> TokenAsync(HttpContext context, string id)
    {
        var body = await RequestBody.ReadOptionalJsonAsync(context, RequestBody.MaxSmall);
        var errors = new ValidationErrors();
        var request = Read(body, errors, json => new TokenRequest(json.String("secret"), json.Boolean("rotate"), Hubs(json)))
            ?? new TokenRequest(null, null, null);
        if (errors.Count == 0 && request.Secret is null == (request.Rotate != true))
        {
            errors.Add(string.Empty, "the hub does not have the secret: give { \"secret\": … } to use the present one, "
                + "or { \"rotate\": true } for a new one, which ends the tunnels of the old one");
        }

        TokenIssuer.Check(request.Hubs ?? [], errors);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors.ToList());
        }

        // before the secret is changed, not after
        var hubs = tokens.Addresses(request.Hubs ?? []);
        if (hubs.Count == 0)
        {
            return Problems.Create(StatusCodes.Status409Conflict, TokenIssuer.NoAddress);
        }

        if (request.Secret is not { } secret)
        {
            return await AnswerNewSecretAsync(context, id, overlap: null, request.Hubs ?? []);
        }

        return (EdgeEndpoints.IsId(id) ? await edges.VerifySecretAsync(id, secret, context.RequestAborted) : null) switch
        {
            null => Problems.NoSuchEdge(id),
            false => Problems.Create(StatusCodes.Status409Conflict, $"this is not the secret of edge '{id}'"),
            true => TypedResults.Ok(new SecretAnswer(id, Secret: null, TokenIssuer.Issue(id, secret, hubs), Generation: null, OldSecretValidUntil: null)),
        };
    }

    private async Task<IResult> AnswerNewSecretAsync(HttpContext context, string id, TimeSpan? overlap, IReadOnlyList<string> askedHubs)
    {
        if (!EdgeEndpoints.IsId(id) || await edges.RotateSecretAsync(id, overlap, context.RequestAborted) is not { } rotation)
        {
            return Problems.NoSuchEdge(id);
        }

        var hubs = tokens.Addresses(askedHubs);
        var token = hubs.Count == 0 ? null : TokenIssuer.Issue(id, rotation.Secret, hubs);
        return TypedResults.Ok(new SecretAnswer(id, rotation.Secret, token, rotation.Generation, rotation.OldSecretValidUntil));
    }

    private static ImmutableArray<string> Hubs(JsonObjectReader json) =>
        json.List("hubs", (value, path, errors) => JsonObjectReader.ReadString(value, path, errors) ?? string.Empty);

    private static T? Read<T>(ReadOnlyMemory<byte> body, ValidationErrors errors, Func<JsonObjectReader, T> read)
        where T : class
    {
        if (body.IsEmpty)
        {
            return null;
        }

        using var document = AllowedEdgesJson.Open(body, errors);
        if (document is null)
        {
            return null;
        }

        var json = new JsonObjectReader(document.RootElement, string.Empty, errors);
        var request = read(json);
        if (json.IsObject)
        {
            json.RejectUnknown();
        }

        return request;
    }
}
