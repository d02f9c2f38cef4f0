using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry;

namespace RemoteIngress.Hub.Tests.Registry;

/// <summary>A data plane that only remembers what it was told, and lets a test wait for it.</summary>
internal sealed class RecordingSink : IEdgeChangeSink
{
    private readonly Lock _lock = new();
    private readonly List<Arrival> _arrivals = [];
    private readonly List<(Func<Arrival, bool> Match, TaskCompletionSource<Arrival> Found)> _waiting = [];

    public List<(string EdgeId, long Generation)> Live { get; } = [];

    public IReadOnlyList<Arrival> Arrivals
    {
        get
        {
            lock (_lock)
            {
                return [.. _arrivals];
            }
        }
    }

    public void Changed(EdgeRecord record) => Arrived(new Arrival(record.EdgeId, record.Generation, record));

    public void Removed(string edgeId, long generation) => Arrived(new Arrival(edgeId, generation, null));

    /// <summary>What this hub would know of its live edges.</summary>
    public Dictionary<string, EdgeRecord> Records { get; } = [];

    public EdgeRecord? Known(string edgeId) => Records.GetValueOrDefault(edgeId);

    public IReadOnlyCollection<(string EdgeId, long Generation)> LiveEdges() => [.. Live];

    public Task<Arrival> ChangedAsync(string edgeId, long generation = 0) =>
        WaitAsync(arrival => arrival.EdgeId == edgeId && arrival.Record is not null && arrival.Generation >= generation);

    public Task<Arrival> RemovedAsync(string edgeId) => WaitAsync(arrival => arrival.EdgeId == edgeId && arrival.Record is null);

    private Task<Arrival> WaitAsync(Func<Arrival, bool> match)
    {
        lock (_lock)
        {
            if (_arrivals.FirstOrDefault(match) is { } arrival)
            {
                return Task.FromResult(arrival);
            }

            var found = new TaskCompletionSource<Arrival>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((match, found));
            return found.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        }
    }

    private void Arrived(Arrival arrival)
    {
        lock (_lock)
        {
            _arrivals.Add(arrival);
            foreach (var (match, found) in _waiting)
            {
                if (match(arrival))
                {
                    found.TrySetResult(arrival);
                }
            }
        }
    }

    internal sealed record Arrival(string EdgeId, long Generation, EdgeRecord? Record);
}
