using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry.Seals;
using RemoteIngress.Hub.Registry.Storage;
using RemoteIngress.Hub.Registry.Validation;

namespace RemoteIngress.Hub.Registry;

/// <summary>
/// The set of edges. A change goes: validate, ask every edge for its plan, write set and plans in one step, tell the edges, write
/// that it is done. Whatever interrupts it after the first write is finished by the next activation, which finds the plans. Edges that the seals
/// recognize as unchanged are not asked.
/// </summary>
[GrainType(RegistryNames.FleetGrainType)]
[CollectionAgeLimit(Hours = 2)]
internal sealed partial class FleetGrain(
    [PersistentState(RegistryNames.FleetStateName, RegistryNames.StorageProvider)] IPersistentState<FleetState> storage,
    [PersistentState(RegistryNames.SealStateName, RegistryNames.StorageProvider)] IPersistentState<SealState> seals,
    TimeProvider time,
    ILogger<FleetGrain> logger) : Grain, IFleetGrain
{
    private const int CheckConcurrency = 16;
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(5);

    // between the clocks of two hubs, of which one makes the fleet's revision and the other an edge's generation
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);
    private static readonly EdgePlan UnchangedPlan = new() { Outcome = EdgeChangeOutcome.Unchanged };

    private readonly DurableState<FleetState> _store = new(storage);
    private readonly FleetSeals _seals = new(seals, logger);
    private IGrainTimer? _retry;
    private IGrainTimer? _check;

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
        var before = _state.Edges.ToHashSet(StringComparer.Ordinal);
        var recognized = await _seals.RecognizeAsync(edges, _state.Revision);
        var plans = await BoundedFanOut.RunAsync(edges, edge => recognized.Contains(edge.Id) ? Task.FromResult(UnchangedPlan) : Edge(edge.Id).PlanAsync(edge));
        var refused = plans.SelectMany((plan, i) => plan.Errors.Select(error => At(i, error))).ToImmutableArray();
        if (refused.Length > 0)
        {
            return new ReconcileResult { Errors = refused };
        }

        var result = Reconciliation.Describe(edges, plans, before);
        if (result.Removed.Length > 0 || result.Created.Length > 0 || plans.Any(plan => plan.Intent is not null))
        {
            await IntendAsync(edges.Select(edge => edge.Id), [.. plans.Select(plan => plan.Intent).OfType<EdgeIntent>()], result.Removed);
            await FinishPendingAsync(edges.ToDictionary(edge => edge.Id, StringComparer.Ordinal));
            await _seals.SealAsync(edges, _state.Revision);
        }

        CheckLater(recognized);
        return result;
    }

    public async Task<EdgeChangeResult> UpsertAsync(AllowedEdge edge)
    {
        var errors = AllowedEdgeValidator.Validate(edge);
        if (errors.Count > 0)
        {
            return new EdgeChangeResult { Outcome = EdgeChangeOutcome.Invalid, Errors = [.. errors] };
        }

        await FinishPendingAsync();
        var plan = await Edge(edge.Id).PlanAsync(edge);
        if (plan.Errors.Length > 0)
        {
            return new EdgeChangeResult { Outcome = EdgeChangeOutcome.Invalid, Errors = plan.Errors };
        }

        if (_state.Edges.Contains(edge.Id, StringComparer.Ordinal))
        {
            // the set stays as it is, and one edge is written in one step
            return plan.Intent is null
                ? new EdgeChangeResult { Outcome = plan.Outcome, Generation = plan.Generation }
                : await ChangeAsync(plan.Intent, edge);
        }

        var revision = _state.Revision;
        await IntendAsync([.. _state.Edges, edge.Id], plan.Intent is null ? [] : [plan.Intent], []);
        await FinishPendingAsync(new Dictionary<string, AllowedEdge>(StringComparer.Ordinal) { [edge.Id] = edge });
        await _seals.MoveAsync(edge.Id, revision, _state.Revision);
        return new EdgeChangeResult { Outcome = EdgeChangeOutcome.Created, Generation = plan.Intent?.Generation ?? plan.Generation };
    }

    public async Task<EdgeChangeResult> RemoveAsync(string edgeId)
    {
        await FinishPendingAsync();
        if (!_state.Edges.Contains(edgeId, StringComparer.Ordinal))
        {
            return new EdgeChangeResult { Outcome = EdgeChangeOutcome.NotFound };
        }

        var revision = _state.Revision;
        await IntendAsync([.. _state.Edges.Where(id => id != edgeId)], [], [edgeId]);
        await FinishPendingAsync();
        await _seals.MoveAsync(edgeId, revision, _state.Revision);
        var version = await Edge(edgeId).GetVersionAsync();
        return new EdgeChangeResult { Outcome = EdgeChangeOutcome.Removed, Generation = version.Generation };
    }

    public async Task<SecretRotation?> RotateSecretAsync(string edgeId, string secret, TimeSpan? overlap)
    {
        await FinishPendingAsync();
        await _seals.BreakAsync(edgeId, _state.Revision);
        return await Edge(edgeId).RotateSecretAsync(secret, overlap);
    }

    private async Task<EdgeChangeResult> ChangeAsync(EdgeIntent intent, AllowedEdge edge)
    {
        await _seals.BreakAsync(edge.Id, _state.Revision);
        return await CommitAsync(intent, edge);
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

    /// <summary>
    /// What was recognized was not asked. Asks behind the answer whether those edges are there and as old as the list: an edge that storage lost
    /// alone, or that somebody changed past this fleet, is found here and put right by the next reconcile.
    /// </summary>
    private void CheckLater(IReadOnlySet<string> recognized)
    {
        if (recognized.Count > 0 && _check is null)
        {
            var newest = _state.Revision + (long)ClockSkew.TotalMilliseconds;
            _check = this.RegisterGrainTimer(
                () => CheckAsync([.. recognized], newest), new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true });
        }
    }

    private async Task CheckAsync(IReadOnlyList<string> recognized, long newest)
    {
        try
        {
            var versions = await BoundedFanOut.RunAsync(recognized, id => Edge(id).GetVersionAsync(), CheckConcurrency);
            for (var i = 0; i < versions.Length; i++)
            {
                if (!versions[i].Registered || versions[i].Generation > newest)
                {
                    _seals.Distrust(recognized[i]);
                }
            }
        }
        catch (Exception e) when (RegistryFailures.IsUnavailable(e))
        {
            LogCheckFailed(this.GetPrimaryKeyString(), e.Message);
        }
        finally
        {
            _check?.Dispose();
            _check = null;
        }
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

    [LoggerMessage(3205, LogLevel.Debug, "Fleet {Fleet}: what was recognized could not be checked: {Reason}", EventName = "FleetCheckFailed")]
    private partial void LogCheckFailed(string fleet, string reason);

    [LoggerMessage(3202, LogLevel.Warning, "Fleet {Fleet} cannot finish yet and will try again: {Reason}", EventName = "FleetStillUnfinished")]
    private partial void LogStillUnfinished(string fleet, string reason);
}
