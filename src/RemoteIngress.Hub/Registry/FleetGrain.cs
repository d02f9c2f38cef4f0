using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry.Storage;
using RemoteIngress.Hub.Registry.Validation;

namespace RemoteIngress.Hub.Registry;

/// <summary>
/// The set of edges. A change goes: validate, ask every edge for its plan, write set and plans in one step, tell the edges, write
/// that it is done. Whatever interrupts it after the first write is finished by the next activation, which finds the plans.
/// </summary>
[GrainType(RegistryNames.FleetGrainType)]
[CollectionAgeLimit(Hours = 2)]
internal sealed partial class FleetGrain(
    [PersistentState(RegistryNames.FleetStateName, RegistryNames.StorageProvider)] IPersistentState<FleetState> storage,
    TimeProvider time,
    ILogger<FleetGrain> logger) : Grain, IFleetGrain
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(5);

    private readonly DurableState<FleetState> _store = new(storage);
    private IGrainTimer? _retry;

    // what reads answer from: the last state that was written, also while the next one is on its way
    private FleetState _state = new();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _state = _store.Current;
        if (_state.HasPending())
        {
            LogUnfinished(this.GetPrimaryKeyString(), _state.PendingCommits.Count, _state.PendingRemovals.Count);
            FinishLater(TimeSpan.Zero);
        }

        return base.OnActivateAsync(cancellationToken);
    }

    public Task<int> TouchAsync() => Task.FromResult(_state.Edges.Count);

    public async Task<ImmutableArray<EdgeView>> ListAsync()
    {
        var views = await BoundedFanOut.RunAsync(_state.Edges, id => Edge(id).GetViewAsync());
        return [.. views.OfType<EdgeView>()];
    }

    public async Task<ReconcileResult> UpdateAllowedEdgesAsync(ImmutableArray<AllowedEdge> edges)
    {
        edges = edges.IsDefault ? [] : edges;
        var errors = AllowedEdgeValidator.Validate(edges);
        if (errors.Count > 0)
        {
            return new ReconcileResult { Errors = [.. errors] };
        }

        await FinishPendingAsync();
        var plans = await BoundedFanOut.RunAsync(edges, edge => Edge(edge.Id).PlanAsync(edge));
        var refused = plans.SelectMany((plan, i) => plan.Errors.Select(error => At(i, error))).ToImmutableArray();
        if (refused.Length > 0)
        {
            return new ReconcileResult { Errors = refused };
        }

        var before = _state.Edges.ToHashSet(StringComparer.Ordinal);
        var wanted = edges.Select(edge => edge.Id).ToHashSet(StringComparer.Ordinal);
        var removed = before.Where(id => !wanted.Contains(id)).Order(StringComparer.Ordinal).ToImmutableArray();
        if (removed.Length > 0 || !before.IsSupersetOf(wanted) || plans.Any(plan => plan.Intent is not null))
        {
            await IntendAsync(wanted, [.. plans.Select(plan => plan.Intent).OfType<EdgeIntent>()], removed);
            await FinishPendingAsync(edges.ToDictionary(edge => edge.Id, StringComparer.Ordinal));
        }

        return new ReconcileResult
        {
            Created = Ids(i => !before.Contains(edges[i].Id)),
            Updated = Ids(i => before.Contains(edges[i].Id) && plans[i].Outcome != EdgeChangeOutcome.Unchanged),
            Unchanged = Ids(i => before.Contains(edges[i].Id) && plans[i].Outcome == EdgeChangeOutcome.Unchanged),
            Removed = removed,
        };

        ImmutableArray<string> Ids(Func<int, bool> chosen) => [.. Enumerable.Range(0, edges.Length).Where(chosen).Select(i => edges[i].Id)];
    }

    public async Task<EdgeChangeResult> UpsertAsync(AllowedEdge edge)
    {
        var errors = AllowedEdgeValidator.Validate(edge);
        if (errors.Count > 0)
        {
            return new EdgeChangeResult { Outcome = EdgeChangeOutcome.Invalid, Errors = [.. errors] };
        }

        await FinishPendingAsync();
        if (_state.Edges.Contains(edge.Id, StringComparer.Ordinal))
        {
            // the set stays as it is, and one edge is written in one step
            return await Edge(edge.Id).ApplyAsync(edge);
        }

        var plan = await Edge(edge.Id).PlanAsync(edge);
        if (plan.Errors.Length > 0)
        {
            return new EdgeChangeResult { Outcome = EdgeChangeOutcome.Invalid, Errors = plan.Errors };
        }

        await IntendAsync([.. _state.Edges, edge.Id], plan.Intent is null ? [] : [plan.Intent], []);
        await FinishPendingAsync(new Dictionary<string, AllowedEdge>(StringComparer.Ordinal) { [edge.Id] = edge });
        return new EdgeChangeResult { Outcome = EdgeChangeOutcome.Created, Generation = plan.Intent?.Generation ?? plan.Generation };
    }

    public async Task<EdgeChangeResult> RemoveAsync(string edgeId)
    {
        await FinishPendingAsync();
        if (!_state.Edges.Contains(edgeId, StringComparer.Ordinal))
        {
            return new EdgeChangeResult { Outcome = EdgeChangeOutcome.NotFound };
        }

        await IntendAsync([.. _state.Edges.Where(id => id != edgeId)], [], [edgeId]);
        await FinishPendingAsync();
        var version = await Edge(edgeId).GetVersionAsync();
        return new EdgeChangeResult { Outcome = EdgeChangeOutcome.Removed, Generation = version.Generation };
    }

    private Task IntendAsync(IEnumerable<string> edges, IReadOnlyList<EdgeIntent> commits, IReadOnlyList<string> removals) =>
        WriteAsync(new FleetState
        {
            Revision = Generations.Next(_state.Revision, time),
            Edges = [.. edges.Order(StringComparer.Ordinal)],
            PendingCommits = [.. commits.Select(StoredEdge.From)],
            PendingRemovals = removals,
        });

    /// <summary>Tells the edges what is still open. <paramref name="source"/> is the list behind it, while that is at hand.</summary>
    private async Task FinishPendingAsync(Dictionary<string, AllowedEdge>? source = null)
    {
        if (_store.IsUncertain)
        {
            // the write that failed may have been taken, and with it the plans it held
            await _store.MakeCertainAsync();
            _state = _store.Current;
        }

        if (!_state.HasPending())
        {
            StopRetrying();
            return;
        }

        try
        {
            await BoundedFanOut.RunAsync(_state.PendingCommits, stored => CommitAsync(stored.ToIntent(), source?.GetValueOrDefault(stored.EdgeId)));
            await BoundedFanOut.RunAsync(_state.PendingRemovals, id => Edge(id).RemoveAsync());
            await WriteAsync(_state with { Revision = Generations.Next(_state.Revision, time), PendingCommits = [], PendingRemovals = [] });
        }
        catch
        {
            FinishLater(RetryPeriod);
            throw;
        }

        StopRetrying();
    }

    private void StopRetrying()
    {
        _retry?.Dispose();
        _retry = null;
    }

    private async Task<EdgeChangeResult> CommitAsync(EdgeIntent intent, AllowedEdge? source)
    {
        var result = await Edge(intent.EdgeId).CommitAsync(intent);

        // its secret was rotated since it made the plan: the plan is void, what the list asks for is not
        return result.Generation != intent.Generation && source is not null
            ? await Edge(intent.EdgeId).ApplyAsync(source)
            : result;
    }

    private async Task WriteAsync(FleetState state)
    {
        try
        {
            await _store.ReplaceAsync(state);
        }
        catch
        {
            FinishLater(RetryPeriod);
            throw;
        }

        _state = state;
    }

    private void FinishLater(TimeSpan due) =>
        _retry ??= this.RegisterGrainTimer(FinishInBackgroundAsync, new GrainTimerCreationOptions(due, RetryPeriod) { KeepAlive = true });

    private async Task FinishInBackgroundAsync()
    {
        try
        {
            await FinishPendingAsync();
        }
        catch (Exception e) when (RegistryFailures.IsUnavailable(e))
        {
            LogStillUnfinished(this.GetPrimaryKeyString(), e.Message);
        }
    }

    private IEdgeGrain Edge(string id) => GrainFactory.GetGrain<IEdgeGrain>(id);

    private static ValidationError At(int index, ValidationError error) =>
        error with { Path = ValidationErrors.Field(ValidationErrors.Item(string.Empty, index), error.Path) };

    [LoggerMessage(3201, LogLevel.Information, "Fleet {Fleet} was interrupted: {Commits} edges to write and {Removals} to remove are left", EventName = "FleetUnfinished")]
    private partial void LogUnfinished(string fleet, int commits, int removals);

    [LoggerMessage(3202, LogLevel.Warning, "Fleet {Fleet} cannot finish yet and will try again: {Reason}", EventName = "FleetStillUnfinished")]
    private partial void LogStillUnfinished(string fleet, string reason);
}
