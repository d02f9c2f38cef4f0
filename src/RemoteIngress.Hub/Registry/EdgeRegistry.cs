using System.Collections.Concurrent;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry;

/// <summary>The registry as the data plane asks it, over the grains.</summary>
internal sealed class EdgeRegistry(RegistryCalls calls) : IEdgeRegistry
{
    // what this hub said of its own edges, so that a grain which moved and forgot it can be told again
    private readonly ConcurrentDictionary<string, Reported> _reported = new(StringComparer.Ordinal);

    public Task<EdgeRecord?> FindAsync(string edgeId, CancellationToken cancellationToken) =>
        calls.ShortAsync(grains => grains.GetGrain<IEdgeGrain>(edgeId).GetAsync(), cancellationToken);

    public Task ReportPresenceAsync(string edgeId, EdgePresence presence, CancellationToken cancellationToken)
    {
        var reported = _reported.GetOrAdd(edgeId, _ => new Reported());
        reported.Keep(presence);
        if (reported.IsEmpty)
        {
            _reported.TryRemove(edgeId, out _);
        }

        return SendAsync(edgeId, grain => grain.ReportAsync(presence), cancellationToken);
    }

    public Task AcknowledgeAsync(string edgeId, EdgeAcknowledgement acknowledgement, CancellationToken cancellationToken)
    {
        if (_reported.TryGetValue(edgeId, out var reported))
        {
            reported.Keep(acknowledgement);
        }

        return SendAsync(edgeId, grain => grain.AcknowledgeAsync(acknowledgement), cancellationToken);
    }

    /// <summary>Whether the edge's grain has changed; reports again what it has forgotten.</summary>
    public async Task<EdgeVersion> GetVersionAsync(string edgeId, CancellationToken cancellationToken)
    {
        var version = await calls.ShortAsync(grains => grains.GetGrain<IEdgeGrain>(edgeId).GetVersionAsync(), cancellationToken);
        if (_reported.TryGetValue(edgeId, out var reported) && reported.IsNewEpoch(version.Epoch))
        {
            foreach (var (presence, acknowledgement) in reported.All())
            {
                await SendAsync(edgeId, grain => grain.ReportAsync(presence), cancellationToken);
                if (acknowledgement is not null)
                {
                    await SendAsync(edgeId, grain => grain.AcknowledgeAsync(acknowledgement), cancellationToken);
                }
            }

            reported.SetEpoch(version.Epoch);
        }

        return version;
    }

    private Task<bool> SendAsync(string edgeId, Func<IEdgeGrain, Task> call, CancellationToken cancellationToken) =>
        calls.ShortAsync(
            async grains =>
            {
                await call(grains.GetGrain<IEdgeGrain>(edgeId));
                return true;
            },
            cancellationToken);

    /// <summary>What was reported of one edge. Locked: reports of two instances may come at once.</summary>
    private sealed class Reported
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, (EdgePresence Presence, EdgeAcknowledgement? Acknowledgement)> _instances = [];
        private Guid? _epoch;

        public bool IsEmpty
        {
            get
            {
                lock (_lock)
                {
                    return _instances.Count == 0;
                }
            }
        }

        public void Keep(EdgePresence presence)
        {
            lock (_lock)
            {
                if (presence.Connected)
                {
                    _instances[presence.InstanceId] = (presence, _instances.GetValueOrDefault(presence.InstanceId).Acknowledgement);
                }
                else
                {
                    _instances.Remove(presence.InstanceId);
                }
            }
        }

        public void Keep(EdgeAcknowledgement acknowledgement)
        {
            lock (_lock)
            {
                if (_instances.TryGetValue(acknowledgement.InstanceId, out var known))
                {
                    _instances[acknowledgement.InstanceId] = (known.Presence, acknowledgement);
                }
            }
        }

        /// <summary>The first epoch is new as well: a report may have failed before it.</summary>
        public bool IsNewEpoch(Guid epoch)
        {
            lock (_lock)
            {
                return _epoch != epoch;
            }
        }

        public void SetEpoch(Guid epoch)
        {
            lock (_lock)
            {
                _epoch = epoch;
            }
        }

        public IReadOnlyList<(EdgePresence Presence, EdgeAcknowledgement? Acknowledgement)> All()
        {
            lock (_lock)
            {
                return [.. _instances.Values];
            }
        }
    }
}
