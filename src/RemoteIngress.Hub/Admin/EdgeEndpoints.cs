using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Hub.Registry.Validation;

namespace RemoteIngress.Hub.Admin;

/// <summary><c>/api/v1/edges</c>: what there is and what changes it.</summary>
internal sealed class EdgeEndpoints(EdgeManager edges)
{
    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/edges", ListAsync).WithName("ListEdges").WithSummary("Every allowed edge: desired beside observed")
            .Produces<EdgeView[]>();
        api.MapPut("/edges", ReconcileAsync).WithName("ReconcileEdges").WithSummary("Make the registry exactly this list")
            .Accepts<AllowedEdge[]>("application/json").Produces<ReconcileAnswer>().ProducesProblem(400);
        api.MapGet("/edges/{id}", GetAsync).WithName("GetEdge").WithSummary("One edge")
            .Produces<EdgeView>().ProducesProblem(404);
        api.MapPut("/edges/{id}", UpsertAsync).WithName("PutEdge").WithSummary("Create or change one edge; the secret may be left out of a change")
            .Accepts<AllowedEdge>("application/json").Produces<ChangeAnswer>().Produces<ChangeAnswer>(201).ProducesProblem(400);
        api.MapDelete("/edges/{id}", RemoveAsync).WithName("RemoveEdge").WithSummary("Remove one edge; its tunnels end")
            .Produces<ChangeAnswer>().ProducesProblem(404);
    }

    private async Task<IResult> ListAsync(CancellationToken cancellationToken) =>
        TypedResults.Ok<IReadOnlyList<EdgeView>>(await edges.ListAsync(cancellationToken));

    private async Task<IResult> ReconcileAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadJsonAsync(context, RequestBody.MaxList);
        var (list, errors) = AllowedEdgesJson.Parse(body);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var result = await edges.UpdateAllowedEdgesAsync(list, cancellationToken);
        return result.Succeeded ? TypedResults.Ok(ReconcileAnswer.From(result)) : Problems.Invalid(result.Errors);
    }

    private async Task<IResult> GetAsync(HttpContext context, string id) =>
        IsId(id) && await edges.GetAsync(id, context.RequestAborted) is { } view ? TypedResults.Ok(view) : Problems.NoSuchEdge(id);

    private async Task<IResult> UpsertAsync(HttpContext context, string id)
    {
        var body = await RequestBody.ReadJsonAsync(context, RequestBody.MaxSmall);
        var (edge, errors) = AllowedEdgesJson.ParseOne(body, id);
        if (edge is null)
        {
            return Problems.Invalid(errors);
        }

        var result = await edges.UpsertAsync(edge, context.RequestAborted);
        return result.Outcome switch
        {
            EdgeChangeOutcome.Invalid => Problems.Invalid(result.Errors),
            EdgeChangeOutcome.Created => TypedResults.Created($"/api/v1/edges/{id}", ChangeAnswer.From(id, result)),
            _ => TypedResults.Ok(ChangeAnswer.From(id, result)),
        };
    }

    private async Task<IResult> RemoveAsync(HttpContext context, string id)
    {
        if (!IsId(id))
        {
            return Problems.NoSuchEdge(id);
        }

        var result = await edges.RemoveAsync(id, context.RequestAborted);
        return result.Outcome == EdgeChangeOutcome.Removed
            ? TypedResults.Ok(ChangeAnswer.From(id, result))
            : Problems.NoSuchEdge(id);
    }

    // what is no id has no grain: it is not worth waking one
    internal static bool IsId(string id) => Names.IsName(id, Names.MaxEdgeIdLength);
}
