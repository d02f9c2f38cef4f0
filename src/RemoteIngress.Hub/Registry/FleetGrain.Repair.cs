using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry.Storage;

namespace RemoteIngress.Hub.Registry;

// What makes a registry whole again whose storage lost its data: grains that were active meanwhile write what they have, and hubs give back
// what they know to those that were activated from the empty storage.
internal sealed partial class FleetGrain
{
    // Revisions of lists that somebody asked for are times in milliseconds, far above. Below is what was put together from the edges of hubs,
    // and gives way to any list that was asked for.
    private const long LastAdopted = 1_000_000_000;

    private IGrainTimer? _pass;
    private bool _passIsWanted;

    public Task<FleetSet> GetSetAsync(long known) => Task.FromResult(new FleetSet
    {
        Revision = _state.Revision,
        Edges = _state.Revision == known ? [] : [.. _state.Edges],
    });

    public async Task<bool> RestoreSetAsync(FleetSet lost)
    {
        await FinishPendingAsync();
        if (lost.Revision <= _state.Revision)
        {
            return false;
        }

        await WriteAsync(new FleetState { Revision = lost.Revision, Edges = [.. lost.Edges] });
        LogSetRestored(this.GetPrimaryKeyString(), lost.Edges.Length);
        return true;
    }

    public async Task<bool> RestoreEdgeAsync(EdgeIntent intent)
    {
        await FinishPendingAsync();
        if (!_state.Edges.Contains(intent.EdgeId, StringComparer.Ordinal))
        {
            if (_state.Revision > LastAdopted)
            {
                return false;
            }

            await WriteAsync(new FleetState
            {
                Revision = _state.Revision + 1,
                Edges = [.. _state.Edges.Append(intent.EdgeId).Order(StringComparer.Ordinal)],
            });
        }

        await Edge(intent.EdgeId).CommitAsync(intent);
        return true;
    }

    public async Task<bool> RepairAsync()
    {
        var stale = await _store.LookAsync();
        _state = _store.Current;
        if (stale is not null)
        {
            LogWrittenAgain(this.GetPrimaryKeyString(), _state.Edges.Count);
            await RemoveAgainAsync(stale);
        }

        if (_state.HasPending())
        {
            FinishLater(TimeSpan.Zero);
        }

        // The edges beside this call and all others: there may be very many of them.
        _passIsWanted = true;
        _pass ??= this.RegisterGrainTimer(
            PassAsync, new GrainTimerCreationOptions(TimeSpan.Zero, RetryPeriod) { KeepAlive = true, Interleave = true });
        return stale is not null;
    }

    // What was removed since the copy that storage went back to is stored again, and would be allowed again.
    private async Task RemoveAgainAsync(FleetState stale)
    {
        string[] back = [.. stale.Edges.Concat(stale.PendingCommits.Select(commit => commit.EdgeId)).Except(_state.Edges, StringComparer.Ordinal)];
        if (back.Length > 0)
        {
            await WriteAsync(_state with { Revision = Generations.Next(_state.Revision, time), PendingRemovals = [.. _state.PendingRemovals.Union(back, StringComparer.Ordinal)] });
        }
    }

    private async Task PassAsync()
    {
        if (!_passIsWanted)
        {
            _pass?.Dispose();
            _pass = null;
            return;
        }

        _passIsWanted = false;
        try
        {
            var results = await BoundedFanOut.RunAsync(_state.Edges, id => Edge(id).RepairAsync());
            var (written, missing) = (results.Count(result => result == EdgeRepair.Written), results.Count(result => result == EdgeRepair.Missing));
            if (written + missing > 0)
            {
                LogPassed(this.GetPrimaryKeyString(), results.Length, written, missing);
            }
        }
        catch (Exception e) when (RegistryFailures.IsUnavailable(e))
        {
            _passIsWanted = true;
            LogPassFailed(this.GetPrimaryKeyString(), e.Message);
        }
    }

    [LoggerMessage(3203, LogLevel.Error, "Fleet {Fleet}: the storage had lost its list of {Count} edges, which was written again", EventName = "FleetWrittenAgain")]
    private partial void LogWrittenAgain(string fleet, int count);

    [LoggerMessage(3204, LogLevel.Error, "Fleet {Fleet} had lost its list of edges; a hub gave it back with {Count} edges", EventName = "FleetSetRestored")]
    private partial void LogSetRestored(string fleet, int count);

    [LoggerMessage(
        3286, LogLevel.Error,
        "Fleet {Fleet}: of {Count} edges the storage had lost {Written}, which were written again; of {Missing} nobody has the record but perhaps a hub that serves them: reconcile the list to be sure",
        EventName = "FleetRepaired")]
    private partial void LogPassed(string fleet, int count, int written, int missing);

    [LoggerMessage(3206, LogLevel.Warning, "Fleet {Fleet} cannot look yet whether the storage has every edge, and will try again: {Reason}", EventName = "FleetRepairFailed")]
    private partial void LogPassFailed(string fleet, string reason);
}
