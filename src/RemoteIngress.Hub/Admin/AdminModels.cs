using System.Text.Json.Serialization;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Admin;

/// <summary>Answer to <c>PUT /edges</c>: ids.</summary>
internal sealed record ReconcileAnswer(
    IReadOnlyList<string> Created, IReadOnlyList<string> Updated, IReadOnlyList<string> Removed, IReadOnlyList<string> Unchanged)
{
    public static ReconcileAnswer From(ReconcileResult result) => new(result.Created, result.Updated, result.Removed, result.Unchanged);
}

/// <summary>Answer to a change of one edge; the outcome is <c>created</c>, <c>updated</c>, <c>unchanged</c> or <c>removed</c>.</summary>
internal sealed record ChangeAnswer(string Id, string Outcome, long Generation)
{
    public static ChangeAnswer From(string id, EdgeChangeResult result) => new(
        id,
        result.Outcome switch
        {
            EdgeChangeOutcome.Created => "created",
            EdgeChangeOutcome.Updated => "updated",
            EdgeChangeOutcome.Removed => "removed",
            _ => "unchanged",
        },
        result.Generation);
}

/// <summary>Body of <c>POST /edges/{id}/rotate-secret</c>; all of it may be left out.</summary>
internal sealed record RotateRequest(int? OverlapSeconds, IReadOnlyList<string>? Hubs);

/// <summary>Body of <c>POST /edges/{id}/token</c>: either the secret, which is checked, or <c>rotate</c>, which replaces it.</summary>
internal sealed record TokenRequest(string? Secret, bool? Rotate, IReadOnlyList<string>? Hubs);

/// <summary>The only answer that holds a secret (when it is a new one), once.</summary>
internal sealed record SecretAnswer(
    string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Token,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Generation,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? OldSecretValidUntil)
{
    public override string ToString() => $"SecretAnswer {{ Id = {Id} }}";
}

/// <summary>Answer of the probes. A hub without its registry is ready: it serves what it knows.</summary>
internal sealed record ProbeAnswer(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RegistryStatus? Registry = null);
