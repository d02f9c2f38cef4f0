using RemoteIngress.Edge.Events;
using RemoteIngress.Edge.Limits;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Edge;

// Every event is raised on the thread pool, in the order in which things happened, by one task at a time; only CrashRecoveryFailed may be raised
// beside another. A handler must not block for long: what happens meanwhile waits in a queue of 1,024, and what finds it full is lost and
// counted (metric dropped_events_total). It must not wait for StopAsync, which waits for the handlers (3 s at most). One that throws is logged and
// harms nothing; an async handler has to catch its own exceptions.
public sealed partial class RemoteIngressEdge
{
    /// <summary>
    /// The edge has a tunnel to a hub; it may have one for each event loop, and the first one counts. Raised on the thread pool, one event after
    /// the other; a handler must not block for long, and one that throws is logged and harms nothing.
    /// </summary>
    public event EventHandler<TunnelConnectedEventArgs>? TunnelConnected
    {
        add => _events.TunnelConnected += value;
        remove => _events.TunnelConnected -= value;
    }

    /// <summary>
    /// The last tunnel to a hub is gone, for whatever reason; a stop of this edge is one, and <see cref="StopAsync"/> returns after it was
    /// raised. Raised as <see cref="TunnelConnected"/> is.
    /// </summary>
    public event EventHandler<TunnelDisconnectedEventArgs>? TunnelDisconnected
    {
        add => _events.TunnelDisconnected += value;
        remove => _events.TunnelDisconnected -= value;
    }

    /// <summary>The address that the internet sees was found, or has changed. Raised as <see cref="TunnelConnected"/> is.</summary>
    public event EventHandler<PublicIpDiscoveredEventArgs>? PublicIpDiscovered
    {
        add => _events.PublicIpDiscovered += value;
        remove => _events.PublicIpDiscovered -= value;
    }

    /// <summary>The first configuration since the start was applied, its ports are open or tell why not. Raised as <see cref="TunnelConnected"/> is.</summary>
    public event EventHandler<PortsAssignedEventArgs>? PortsAssigned
    {
        add => _events.PortsAssigned += value;
        remove => _events.PortsAssigned -= value;
    }

    /// <summary>
    /// The ports, or whether they could be opened, changed after <see cref="PortsAssigned"/>. A configuration that changes neither raises
    /// nothing. Raised as <see cref="TunnelConnected"/> is.
    /// </summary>
    public event EventHandler<PortsUpdatedEventArgs>? PortsUpdated
    {
        add => _events.PortsUpdated += value;
        remove => _events.PortsUpdated -= value;
    }

    /// <summary>The packet filter was applied, or could not be. Raised as <see cref="TunnelConnected"/> is.</summary>
    public event EventHandler<FirewallConfigUpdatedEventArgs>? FirewallConfigUpdated
    {
        add => _events.FirewallConfigUpdated += value;
        remove => _events.FirewallConfigUpdated -= value;
    }

    /// <summary>
    /// An internal loop died of a defect and was started again. When it was an event loop, its clients and tunnels are lost, and it dials and
    /// listens again; the others were not touched. Raised as <see cref="TunnelConnected"/> is.
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

    /// <summary>What is on the event loops now; tests make them die.</summary>
    internal IReadOnlyList<EdgeLoop> Loops => _loops?.All ?? [];

    /// <summary>What all loops share; null before the start.</summary>
    internal EdgeLimits? Limits => _loops?.Limits;

    /// <summary>Where what finds the public address and what applies the packet filter tell of it.</summary>
    internal EdgeEvents Events => _events;

    private async Task EndEventsAsync()
    {
        _events.Complete();
        using var given = new CancellationTokenSource(HandlerTimeout, _time);
        await Task.WhenAny(_telling, Task.Delay(Timeout.Infinite, given.Token));
    }
}
