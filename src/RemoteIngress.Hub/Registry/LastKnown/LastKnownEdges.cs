using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.LastKnown;

/// <summary>
/// What the registry said last of the edges that have introduced themselves here: by it they are served while the registry cannot be asked
/// (static stability). An answer of the registry always wins: a newer record replaces what is known, "not registered" deletes it. Thread-safe.
/// </summary>
internal sealed class LastKnownEdges(TimeProvider time)
{
    /// <summary>How long what was known is good for.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    /// <summary>More than one hub has edges; beyond it the one confirmed longest ago is forgotten.</summary>
    public const int MaxEdges = 20_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, KnownEdge> _edges = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The record to serve the edge by, when it is recent enough.</summary>
    public EdgeRecord? Find(string edgeId)
    {
        lock (_lock)
        {
            return _edges.TryGetValue(edgeId, out var known) && IsRecent(known) ? known.Record : null;
        }
    }

    /// <summary>The registry answered with this record.</summary>
    public void Keep(EdgeRecord record)
    {
        lock (_lock)
        {
            var isKnown = _edges.TryGetValue(record.EdgeId, out var known);
            if (isKnown && known!.Record.Generation > record.Generation)
            {
                return;
            }

            if (!isKnown && _edges.Count >= MaxEdges)
            {
                _edges.Remove(_edges.MinBy(pair => pair.Value.ConfirmedAt).Key);
            }

            _edges[record.EdgeId] = new KnownEdge(record, time.GetUtcNow());
            if (known?.Record.Generation != record.Generation)
            {
                Changed();
            }
        }
    }

    /// <summary>The registry pushed this record: of interest for an edge that is known here.</summary>
    public void Update(EdgeRecord record)
    {
        lock (_lock)
        {
            if (_edges.TryGetValue(record.EdgeId, out var known) && record.Generation > known.Record.Generation)
            {
                _edges[record.EdgeId] = new KnownEdge(record, time.GetUtcNow());
                Changed();
            }
        }
    }

    /// <summary>The registry said that this generation is in force.</summary>
    public void Confirm(string edgeId, long generation)
    {
        lock (_lock)
        {
            if (_edges.TryGetValue(edgeId, out var known) && known.Record.Generation == generation)
            {
                _edges[edgeId] = known with { ConfirmedAt = time.GetUtcNow() };
            }
        }
    }

    /// <summary>The registry said that there is no such edge.</summary>
    public void Forget(string edgeId)
    {
        lock (_lock)
        {
            if (_edges.Remove(edgeId))
            {
                Changed();
            }
        }
    }

    /// <summary>The registry pushed that the edge was removed, at that generation.</summary>
    public void Forget(string edgeId, long generation)
    {
        lock (_lock)
        {
            if (_edges.TryGetValue(edgeId, out var known) && generation > known.Record.Generation)
            {
                Forget(edgeId);
            }
        }
    }

    /// <summary>Takes over what an earlier process knew; what this one knows already wins, and what is too old is left out.</summary>
    public int Restore(IEnumerable<KnownEdge> edges)
    {
        lock (_lock)
        {
            var before = _edges.Count;
            foreach (var known in edges.Where(IsRecent).OrderByDescending(known => known.ConfirmedAt).Take(MaxEdges - before))
            {
                _edges.TryAdd(known.Record.EdgeId, known);
            }

            return _edges.Count - before;
        }
    }

    /// <summary>Everything that is recent enough, the latest confirmed first.</summary>
    public IReadOnlyList<KnownEdge> Snapshot()
    {
        lock (_lock)
        {
            return [.. _edges.Values.Where(IsRecent).OrderByDescending(known => known.ConfirmedAt)];
        }
    }

    /// <summary>Completes at the next change of what is known; a later confirmation of the same is none.</summary>
    public Task NextChangeAsync()
    {
        lock (_lock)
        {
            return _changed.Task;
        }
    }

    // also when the clock was set back: what seems to come from the future has no age that could be trusted for longer
    private bool IsRecent(KnownEdge known) => (time.GetUtcNow() - known.ConfirmedAt).Duration() <= MaxAge;

    private void Changed()
    {
        _changed.SetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
