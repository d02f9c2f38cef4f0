using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Cluster;

namespace RemoteIngress.Hub.Admin;

/// <summary><c>/api/v1/hubs</c>: the hubs of the cluster, from any of them.</summary>
internal sealed class HubEndpoints(HubManager hubs)
{
    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/hubs", () => TypedResults.Ok(hubs.List())).WithName("ListHubs").WithSummary("Every live hub of the cluster");
        api.MapPost("/hubs/{id}/drain", DrainAsync).WithName("DrainHub")
            .WithSummary("Make a hub take nothing new and stop when its open connections have ended; answers at once")
            .Produces<HubView>(202).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
    }

    private async Task<IResult> DrainAsync(HttpContext context, string id)
    {
        HubView[] found = [.. hubs.List().Where(hub => hub.HubId == id)];
        if (found.Length == 0)
        {
            return Problems.Create(
                StatusCodes.Status404NotFound, $"there is no hub '{id}' in this cluster; give the id of one that GET /api/v1/hubs (hubs list) shows");
        }

        if (found.Length > 1)
        {
            return Problems.Create(
                StatusCodes.Status409Conflict,
                $"{found.Length} hubs are called '{id}'; give every hub its own --hub-id, and send SIGTERM to the process that is meant");
        }

        await hubs.DrainAsync(found[0], context.RequestAborted);
        return TypedResults.Accepted("/api/v1/hubs", found[0] with { State = HubView.Draining });
    }
}
