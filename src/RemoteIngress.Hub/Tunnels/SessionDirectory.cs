using RemoteIngress.Contracts;
using RemoteIngress.Hub.Limits;
using RemoteIngress.Hub.Registry;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Protocol.EndReasons;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>
/// Which edges have tunnels here, by instance, and the newest state of each. The one place where loops and control plane share memory;
/// the lock is taken per tunnel and per change, never per connection, and held for no I/O.
/// <para>A change is never lost between the look-up of an edge and its authentication, since an edge is entered before it is looked up:
/// from then on every push is kept, and <see cref="Register"/> goes by the newest.</para>
/// </summary>
internal sealed partial class SessionDirectory(
    string hubId, string hubInstanceId, EdgeModels models, IRegistryReports reports, HubEventQueue events, TimeProvider time, DirectoryLimits limits) : IEdgeChangeSink
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, EdgeEntry> _edges = new(StringComparer.Ordinal);
    private int _tunnels;

    /// <summary>A tunnel is about to become one of this edge. Every call is matched by one of <see cref="Leave"/>.</summary>
    internal EdgeEntry Enter(string edgeId)
    {
        lock (_lock)
        {
            if (!_edges.TryGetValue(edgeId, out var entry))
            {
                entry = new EdgeEntry(edgeId, limits);
                _edges.Add(edgeId, entry);
            }

            entry.Users++;
            return entry;
        }
    }

    /// <summary>
    /// A tunnel proved itself. <see cref="TunnelEndReason.None"/>: it counts from now on; anything else is why it must be closed, and for
    /// <see cref="TunnelEndReason.Busy"/> <paramref name="limit"/> is the bound that was met.
    /// </summary>
    internal TunnelEndReason Register(EdgeSession session, out HubLimit limit)
    {
        lock (_lock)
        {
            limit = default;
            var entry = session.Edge!;
            if (entry.Model is not { } model)
            {
                return TunnelEndReason.EdgeRemoved;
            }

            if (model.Find(session.Verifier!) is null)
            {
                return TunnelEndReason.SecretChanged;
            }

            entry.Instances.TryGetValue(session.InstanceId, out var instance);
            if (Exceeded(entry, instance, session) is { } exceeded)
            {
                limit = exceeded;
                return TunnelEndReason.Busy;
            }

            if (instance is null)
            {
                instance = new EdgeInstance(session.InstanceId, session.RemoteAddress, time.GetUtcNow());
                entry.Instances.Add(session.InstanceId, instance);
                Report(entry, instance, connected: true);
                events.Tell(new EdgeConnectedEventArgs(entry.EdgeId, instance.InstanceId, instance.RemoteAddress, EdgeSession.Transport, instance.ConnectedAt));
            }

            if (Stale(instance, session.Place).Any())
            {
                // What it replaces may have been another process that went by the same name: this one is told everything anew.
                instance.Carrier = null;
                instance.Acknowledged = 0;
                CloseStale(instance, session.Place);
            }

            instance.Sessions.Add(session);
            _tunnels++;
            session.PostModel(model, time.GetUtcNow(), IsFirstToGet(instance, session, model));
            return TunnelEndReason.None;
        }
    }

    /// <summary>The tunnel is over.</summary>
    internal void Leave(EdgeSession session, TunnelEndReason reason)
    {
        lock (_lock)
        {
            var entry = session.Edge!;
            if (entry.Instances.TryGetValue(session.InstanceId, out var instance) && instance.Sessions.Remove(session))
            {
                _tunnels--;
                LeaveInstance(entry, instance, session, reason);
            }

            if (--entry.Users == 0)
            {
                _edges.Remove(entry.EdgeId);
            }
        }
    }

    /// <summary>The edge answered a CONFIG, over any of its tunnels.</summary>
    internal void Acknowledge(EdgeSession session, EdgeAcknowledgement acknowledgement)
    {
        lock (_lock)
        {
            if (Instance(session) is { } instance)
            {
                instance.Acknowledged = Math.Max(instance.Acknowledged, acknowledgement.Generation);
                reports.Acknowledged(session.Edge!.EdgeId, acknowledgement);
            }
        }
    }

    /// <summary>The edge told how it is, over any of its tunnels.</summary>
    internal void NoteStatus(EdgeSession session, EdgeStatusReport report)
    {
        lock (_lock)
        {
            if (Instance(session) is { } instance)
            {
                instance.Report = (report, time.GetUtcNow());
            }
        }
    }

    public void Changed(EdgeRecord record)
    {
        if (!IsNews(record.EdgeId, record.Generation))
        {
            return;
        }

        // Outside the lock: a snapshot may take milliseconds to encode. Should a newer one overtake it, it was in vain.
        var model = models.Create(record);
        var now = time.GetUtcNow();
        EdgeEntry? entry;
        lock (_lock)
        {
            if (_edges.TryGetValue(record.EdgeId, out entry) && record.Generation > entry.Generation)
            {
                entry.Model = model;
                Push(entry, model, now);
            }
        }

        if (entry is not null)
        {
            Renew(entry);
        }
    }

    public void Removed(string edgeId, long generation)
    {
        lock (_lock)
        {
            if (!_edges.TryGetValue(edgeId, out var entry) || generation <= entry.Generation)
            {
                return;
            }

            entry.RemovedAt = generation;
            entry.Model = null;
            foreach (var session in entry.Instances.Values.SelectMany(instance => instance.Sessions))
            {
                session.PostClose(TunnelEndReason.EdgeRemoved);
            }
        }
    }

    public EdgeRecord? Known(string edgeId)
    {
        lock (_lock)
        {
            return _edges.GetValueOrDefault(edgeId)?.Model?.Record;
        }
    }

    public IReadOnlyCollection<(string EdgeId, long Generation)> LiveEdges()
    {
        lock (_lock)
        {
            return [.. _edges.Values.Where(entry => entry.Instances.Count > 0).Select(entry => (entry.EdgeId, entry.Generation))];
        }
    }

    /// <summary>Every connected instance, by edge.</summary>
    internal IReadOnlyList<ConnectedEdge> Snapshot()
    {
        lock (_lock)
        {
            return [.. _edges.Values
                .SelectMany(entry => entry.Instances.Values.Select(instance => instance.Describe(entry.EdgeId)))
                .OrderBy(edge => edge.EdgeId, StringComparer.Ordinal)
                .ThenBy(edge => edge.InstanceId, StringComparer.Ordinal)];
        }
    }

    private static void Push(EdgeEntry entry, EdgeModel model, DateTimeOffset now)
    {
        foreach (var instance in entry.Instances.Values)
        {
            // A tunnel that is about to be closed for its secret is no carrier.
            var carrier = IsCarrier(instance.Carrier, model) ? instance.Carrier : instance.Sessions.Find(session => IsCarrier(session, model));
            instance.Carrier = carrier;
            instance.Sent = carrier is null ? instance.Sent : model.Generation;
            foreach (var session in instance.Sessions)
            {
                session.PostModel(model, now, sendsConfig: session == carrier);
            }
        }
    }

    private static bool IsCarrier(EdgeSession? session, EdgeModel model) => session is not null && model.Find(session.Verifier!) is not null;

    private static bool IsFirstToGet(EdgeInstance instance, EdgeSession session, EdgeModel model)
    {
        if (instance.Carrier is not null && instance.Sent >= model.Generation)
        {
            return false;
        }

        if (instance.Sent >= model.Generation && instance.Acknowledged >= model.Generation)
        {
            // Its carrier is gone, but what that one carried has arrived.
            instance.Carrier = session;
            return false;
        }

        instance.Carrier = session;
        instance.Sent = model.Generation;
        return true;
    }

    private void LeaveInstance(EdgeEntry entry, EdgeInstance instance, EdgeSession session, TunnelEndReason reason)
    {
        if (instance.Sessions.Count == 0)
        {
            entry.Instances.Remove(instance.InstanceId);
            Report(entry, instance, connected: false);
            events.Tell(new EdgeDisconnectedEventArgs(entry.EdgeId, instance.InstanceId, reason.MetricTag(), time.GetUtcNow()));
            return;
        }

        if (instance.Carrier != session)
        {
            return;
        }

        // What it carried and was not acknowledged may have died with it: another tunnel of the instance says it again.
        instance.Carrier = null;
        if (entry.Model is { } model && instance.Acknowledged < model.Generation && instance.Sessions.Find(s => IsCarrier(s, model)) is { } next)
        {
            instance.Carrier = next;
            instance.Sent = model.Generation;
            next.PostModel(model, time.GetUtcNow(), sendsConfig: true);
        }
    }

    private static EdgeInstance? Instance(EdgeSession session) =>
        session.Edge is { } entry && entry.Instances.TryGetValue(session.InstanceId, out var instance) && instance.Sessions.Contains(session)
            ? instance
            : null;

    private bool IsNews(string edgeId, long generation)
    {
        lock (_lock)
        {
            return _edges.TryGetValue(edgeId, out var entry) && generation > entry.Generation;
        }
    }

    private void Report(EdgeEntry entry, EdgeInstance instance, bool connected) =>
        reports.Presence(entry.EdgeId, instance.Presence(hubId, hubInstanceId, connected, time.GetUtcNow()));
}
