using RemoteIngress.Hub.Tunnels;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Hub;

// Every event is raised on the thread pool, in the order in which things happened, by one task at a time; only CrashRecoveryFailed may be raised
// beside another. A handler must not block for long: what happens meanwhile waits in a queue of 4,096, and what finds it full is lost and
// counted (metric dropped_events_total). It must not wait for StopAsync, which waits for the handlers (3 s at most). One that throws is logged and
// harms nothing; an async handler has to catch its own exceptions.
public sealed partial class RemoteIngressHub
{
    /// <summary>
    /// A process of an edge has its first authenticated tunnel here. Raised on the thread pool, one event after the other; a handler must not
    /// block for long, and one that throws is logged and harms nothing.
    /// </summary>
    public event EventHandler<EdgeConnectedEventArgs>? EdgeConnected
    {
        add => _events.EdgeConnected += value;
        remove => _events.EdgeConnected -= value;
    }

    /// <summary>
    /// The last tunnel of a process of an edge is gone, for whatever reason; a stop of this hub is one, and <see cref="StopAsync"/> returns after
    /// it was raised. Raised as <see cref="EdgeConnected"/> is.
    /// </summary>
    public event EventHandler<EdgeDisconnectedEventArgs>? EdgeDisconnected
    {
        add => _events.EdgeDisconnected += value;
        remove => _events.EdgeDisconnected -= value;
    }

    /// <summary>
    /// A client's connection arrived and its target is about to be dialled. Costs a connection nothing while nobody listens. Raised as
    /// <see cref="EdgeConnected"/> is; when thousands come at once and the handlers do not keep up, some are not told.
    /// </summary>
    public event EventHandler<StreamOpenedEventArgs>? StreamOpened
    {
        add => _events.StreamOpened += value;
        remove => _events.StreamOpened -= value;
    }

    /// <summary>
    /// A client's connection is over. Only for those that began while somebody listened to <see cref="StreamOpened"/> or this event. May come
    /// after <see cref="EdgeDisconnected"/> of its edge, while its target takes the last bytes. Raised as <see cref="StreamOpened"/> is.
    /// </summary>
    public event EventHandler<StreamClosedEventArgs>? StreamClosed
    {
        add => _events.StreamClosed += value;
        remove => _events.StreamClosed -= value;
    }

    /// <summary>
    /// An internal loop died of a defect and was started again. When it was an event loop, its tunnels and connections are lost and edges dial
    /// again; the others were not touched. Raised as <see cref="EdgeConnected"/> is.
    /// </summary>
    public event EventHandler<CrashRecoveredEventArgs>? CrashRecovered
    {
        add => _events.CrashRecovered += value;
        remove => _events.CrashRecovered -= value;
    }

    /// <summary>
    /// An internal loop died more than 5 times within a minute and is not started again; <see cref="Faulted"/> faults right after. Raised on the
    /// thread pool at once, also while another handler runs.
    /// </summary>
    public event EventHandler<CrashRecoveryFailedEventArgs>? CrashRecoveryFailed
    {
        add => _events.CrashRecoveryFailed += value;
        remove => _events.CrashRecoveryFailed -= value;
    }

    /// <summary>The event loops of the run; tests make them die.</summary>
    internal IReadOnlyList<HubLoop> Loops => _runtime?.Loops ?? [];
}
