using System.Collections.Immutable;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry;

/// <summary>What an edge's grain remembers of the instances of its edge. Belongs to one activation; bounded.</summary>
internal sealed class EdgeObservations
{
    private const int MaxInstances = 256;

    private readonly Dictionary<(string HubId, string InstanceId), EdgeObservation> _instances = [];

    public void Report(EdgePresence presence)
    {
        var key = (presence.HubId, presence.InstanceId);
        _instances.TryGetValue(key, out var known);
        if (!presence.Connected)
        {
            // a late "gone" of an earlier connection must not hide the present one
            if (known is not null && presence.At >= known.ConnectedAt)
            {
                _instances.Remove(key);
            }

            return;
        }

        if (known is not null && presence.At < known.ConnectedAt)
        {
            return;
        }

        Put(key, new EdgeObservation
        {
            HubId = presence.HubId,
            InstanceId = presence.InstanceId,
            ConnectedAt = presence.At,
            RemoteAddress = presence.RemoteAddress,
            Transport = presence.Transport,
            Acknowledgement = known?.HubInstanceId == presence.HubInstanceId ? known?.Acknowledgement : null,
            HubInstanceId = presence.HubInstanceId,
        });
    }

    public void Acknowledge(EdgeAcknowledgement acknowledgement)
    {
        var key = (acknowledgement.HubId, acknowledgement.InstanceId);
        if (_instances.TryGetValue(key, out var known))
        {
            if (known.Acknowledgement is null || acknowledgement.At >= known.Acknowledgement.At)
            {
                _instances[key] = known with { Acknowledgement = acknowledgement };
            }

            return;
        }

        // it may overtake the report of its own presence
        Put(key, new EdgeObservation
        {
            HubId = acknowledgement.HubId,
            InstanceId = acknowledgement.InstanceId,
            ConnectedAt = acknowledgement.At,
            Acknowledgement = acknowledgement,
        });
    }

    public void Clear() => _instances.Clear();

    /// <summary>Everything seen at hubs that are still there.</summary>
    /// <param name="activeHubs">Which run of each hub there is; null where that is not known.</param>
    public ImmutableArray<EdgeObservation> At(IReadOnlyDictionary<string, string?> activeHubs) =>
    [
        .. _instances.Values
            .Where(observation => activeHubs.TryGetValue(observation.HubId, out var run)
                && (run is null || observation.HubInstanceId is null || observation.HubInstanceId == run))
            .OrderBy(observation => observation.HubId, StringComparer.Ordinal)
            .ThenBy(observation => observation.InstanceId, StringComparer.Ordinal),
    ];

    private void Put((string HubId, string InstanceId) key, EdgeObservation observation)
    {
        if (_instances.Count >= MaxInstances && !_instances.ContainsKey(key))
        {
            _instances.Remove(_instances.MinBy(pair => pair.Value.ConnectedAt).Key);
        }

        _instances[key] = observation;
    }
}
