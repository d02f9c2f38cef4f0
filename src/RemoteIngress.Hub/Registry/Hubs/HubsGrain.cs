using System.Collections.Immutable;
using Orleans.Concurrency;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Admin;
using RemoteIngress.Hub.Cluster;
using RemoteIngress.Hub.Registry.Validation;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Hub.Registry.Hubs;

/// <summary>Answers for the cluster at the hub that was asked.</summary>
[StatelessWorker]
[GrainType(RegistryNames.HubsGrainType)]
internal sealed class HubsGrain(HubDirectory hubs) : Grain, IHubsGrain
{
    private const string NoAddress =
        "no hub says under which address edges reach it: start the hubs with --advertise HOST:PORT, or name them here";

    public Task<ImmutableArray<HubView>> ListAsync() => Task.FromResult(hubs.All().ToImmutableArray());

    public async Task<EdgeTokenResult> IssueTokenAsync(EdgeTokenRequest request)
    {
        var errors = new ValidationErrors();
        AllowedEdgeValidator.CheckId(request.EdgeId, "edgeId", errors);
        TokenIssuer.Check(request.Hubs, errors);
        if (errors.Count > 0)
        {
            return Invalid(errors);
        }

        var asked = request.Hubs.IsEmpty ? hubs.List.Names : request.Hubs;
        HubAddress[] addresses = [.. asked.Select(text => HubAddress.TryParse(text, out var address) ? address : default).Where(address => address.Host is not null)];
        if (addresses.Length == 0)
        {
            errors.Add("hubs", NoAddress);
            return Invalid(errors);
        }

        return await GrainFactory.GetGrain<IEdgeGrain>(request.EdgeId).VerifySecretAsync(request.Secret) switch
        {
            null => new EdgeTokenResult { Outcome = EdgeTokenOutcome.NotFound },
            false => new EdgeTokenResult { Outcome = EdgeTokenOutcome.WrongSecret },
            true => new EdgeTokenResult { Outcome = EdgeTokenOutcome.Issued, Token = TokenIssuer.Issue(request.EdgeId, request.Secret, addresses) },
        };
    }

    private static EdgeTokenResult Invalid(ValidationErrors errors) =>
        new() { Outcome = EdgeTokenOutcome.Invalid, Errors = [.. errors.ToList()] };
}
