using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry;

/// <summary>
/// What this hub has to say of its own edges, until their grains know it: a grain keeps it in memory only and forgets it when it moves,
/// and a report may fail. One lock for all of it, held for a few instructions.
/// </summary>
internal sealed class ReportMemory
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Edge> _edges = new(StringComparer.Ordinal);

    /// <summary>Remembers a report that is about to be sent.</summary>
    public void Keep(string edgeId, EdgePresence presence)
    {
        lock (_lock)
        {
            if (!_edges.TryGetValue(edgeId, out var edge))
            {
                _edges[edgeId] = edge = new Edge();
            }

            var acknowledgement = presence.Connected ? edge.Instances.GetValueOrDefault(presence.InstanceId).Acknowledgement : null;
            edge.Instances[presence.InstanceId] = (presence, acknowledgement);
        }
    }

    /// <summary>Remembers an acknowledgement that is about to be sent.</summary>
    public void Keep(string edgeId, EdgeAcknowledgement acknowledgement)
    {
        lock (_lock)
        {
            if (_edges.TryGetValue(edgeId, out var edge) && edge.Instances.TryGetValue(acknowledgement.InstanceId, out var instance))
            {
                edge.Instances[acknowledgement.InstanceId] = (instance.Presence, acknowledgement);
            }
        }
    }

    /// <summary>The grain knows it. An instance that is gone need not be remembered any longer.</summary>
    public void Sent(string edgeId, EdgePresence presence)
    {
        lock (_lock)
        {
            if (!presence.Connected
                && _edges.TryGetValue(edgeId, out var edge)
                && edge.Instances.TryGetValue(presence.InstanceId, out var instance)
                && instance.Presence == presence)
            {
                edge.Instances.Remove(presence.InstanceId);
                if (edge.Instances.Count == 0)
                {
                    _edges.Remove(edgeId);
                }
            }
        }
    }

    /// <summary>The grain may not know it: everything of this edge is to be said again.</summary>
    public void Failed(string edgeId)
    {
        lock (_lock)
        {
            if (_edges.TryGetValue(edgeId, out var edge))
            {
                (edge.Epoch, edge.IsUnsent, edge.Failures) = (null, true, edge.Failures + 1);
            }
        }
    }

    /// <summary>Edges of which a report failed; they may have no tunnel here any more.</summary>
    public IReadOnlyList<string> Unsent()
    {
        lock (_lock)
        {
            return [.. _edges.Where(pair => pair.Value.IsUnsent).Select(pair => pair.Key)];
        }
    }

    /// <summary>What a grain of this epoch has to be told, which is nothing when it was told everything.</summary>
    public ToTell? WhatToTell(string edgeId, Guid epoch)
    {
        lock (_lock)
        {
            return _edges.TryGetValue(edgeId, out var edge) && edge.Epoch != epoch
                ? new ToTell([.. edge.Instances.Values], edge.Failures)
                : null;
        }
    }

    /// <summary>It was told all of it, unless something failed in the meantime.</summary>
    public void Told(string edgeId, Guid epoch, ToTell told)
    {
        lock (_lock)
        {
            if (_edges.TryGetValue(edgeId, out var edge) && edge.Failures == told.Failures)
            {
                (edge.Epoch, edge.IsUnsent) = (epoch, false);
            }
        }
    }

    /// <summary>The reports of one edge, and how many had failed when they were put together.</summary>
    internal sealed record ToTell(IReadOnlyList<(EdgePresence Presence, EdgeAcknowledgement? Acknowledgement)> Instances, int Failures);

    private sealed class Edge
    {
        public Dictionary<string, (EdgePresence Presence, EdgeAcknowledgement? Acknowledgement)> Instances { get; } = new(StringComparer.Ordinal);

        public Guid? Epoch { get; set; }

        public bool IsUnsent { get; set; }

        public int Failures { get; set; }
    }
}
