using System.Collections.Immutable;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry;

/// <summary>Puts into words what a list makes of a fleet. Pure.</summary>
internal static class Reconciliation
{
    public static ReconcileResult Describe(IReadOnlyList<AllowedEdge> edges, IReadOnlyList<EdgePlan> plans, IReadOnlySet<string> before)
    {
        var wanted = edges.Select(edge => edge.Id).ToHashSet(StringComparer.Ordinal);
        return new ReconcileResult
        {
            Created = Ids(i => !before.Contains(edges[i].Id)),
            Updated = Ids(i => before.Contains(edges[i].Id) && plans[i].Outcome != EdgeChangeOutcome.Unchanged),
            Unchanged = Ids(i => before.Contains(edges[i].Id) && plans[i].Outcome == EdgeChangeOutcome.Unchanged),
            Removed = [.. before.Where(id => !wanted.Contains(id)).Order(StringComparer.Ordinal)],
        };

        ImmutableArray<string> Ids(Func<int, bool> chosen) => [.. Enumerable.Range(0, edges.Count).Where(chosen).Select(i => edges[i].Id)];
    }
}
