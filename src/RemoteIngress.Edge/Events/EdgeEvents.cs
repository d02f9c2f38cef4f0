using Microsoft.Extensions.Logging;
using RemoteIngress.Protocol.Control;
using RemoteIngress.Transport.Events;
using RemoteIngress.Transport.Supervision;

namespace RemoteIngress.Edge.Events;

/// <summary>
/// The events of an edge on their way to its handlers: told from anywhere without waiting (the <c>Raise…</c> methods), raised by one task.
/// Thread-safe.
/// </summary>
internal sealed class EdgeEvents(object sender, TimeProvider time, ILogger logger)
{
    private const int Capacity = 1024;

    private readonly EventPump _pump = new(Capacity);

    internal event EventHandler<TunnelConnectedEventArgs>? TunnelConnected;

    internal event EventHandler<TunnelDisconnectedEventArgs>? TunnelDisconnected;

    internal event EventHandler<PublicIpDiscoveredEventArgs>? PublicIpDiscovered;

    internal event EventHandler<PortsAssignedEventArgs>? PortsAssigned;

    internal event EventHandler<PortsUpdatedEventArgs>? PortsUpdated;

    internal event EventHandler<FirewallConfigUpdatedEventArgs>? FirewallConfigUpdated;

    internal event EventHandler<CrashRecoveredEventArgs>? CrashRecovered;

    internal event EventHandler<CrashRecoveryFailedEventArgs>? CrashRecoveryFailed;

    /// <summary>Events that found the queue full.</summary>
    internal long Dropped => _pump.Dropped;

    internal void RaiseTunnelConnected(string hub, string hubId) => _pump.Post(new TunnelConnectedEventArgs(hub, hubId, time.GetUtcNow()));

    internal void RaiseTunnelDisconnected(string hub, string hubId, string reason) =>
        _pump.Post(new TunnelDisconnectedEventArgs(hub, hubId, reason, time.GetUtcNow()));

    /// <summary>For what finds the public address: call it when there is one for the first time and when it is another one.</summary>
    internal void RaisePublicIp(string publicIp, string? previous) => _pump.Post(new PublicIpDiscoveredEventArgs(publicIp, previous, time.GetUtcNow()));

    /// <summary>For what applies the packet filter: call it after every attempt whose outcome is another one than before, or of another generation.</summary>
    internal void RaiseFirewall(long generation, FirewallResult result) =>
        _pump.Post(new FirewallConfigUpdatedEventArgs(generation, result.Mode, result.State, result.Error, time.GetUtcNow()));

    internal void RaisePorts(bool isFirst, long generation, IReadOnlyList<PortResult> results)
    {
        PortOutcome[] ports = [.. results.Select(result => new PortOutcome(result.Port, result.Protocol, result.Ok, result.Error))];
        _pump.Post(isFirst
            ? new PortsAssignedEventArgs(generation, ports, time.GetUtcNow())
            : new PortsUpdatedEventArgs(generation, ports, time.GetUtcNow()));
    }

    internal void RaiseCrash(CrashRecoveredEventArgs crash) => _pump.Post(crash);

    /// <summary>At once: what delivers the others may be what died.</summary>
    internal void RaiseFailure(CrashRecoveryFailedEventArgs failure) => Deliver(failure);

    /// <summary>Raises what is told until <see cref="Complete"/>.</summary>
    internal Task RunAsync() => _pump.RunAsync(Deliver);

    internal void Complete() => _pump.Complete();

    private void Deliver(object happening)
    {
        switch (happening)
        {
            case TunnelConnectedEventArgs e:
                EventPump.Raise(TunnelConnected, sender, e, logger);
                break;
            case TunnelDisconnectedEventArgs e:
                EventPump.Raise(TunnelDisconnected, sender, e, logger);
                break;
            case PublicIpDiscoveredEventArgs e:
                EventPump.Raise(PublicIpDiscovered, sender, e, logger);
                break;
            case PortsAssignedEventArgs e:
                EventPump.Raise(PortsAssigned, sender, e, logger);
                break;
            case PortsUpdatedEventArgs e:
                EventPump.Raise(PortsUpdated, sender, e, logger);
                break;
            case FirewallConfigUpdatedEventArgs e:
                EventPump.Raise(FirewallConfigUpdated, sender, e, logger);
                break;
            case CrashRecoveredEventArgs e:
                EventPump.Raise(CrashRecovered, sender, e, logger);
                break;
            case CrashRecoveryFailedEventArgs e:
                EventPump.Raise(CrashRecoveryFailed, sender, e, logger);
                break;
        }
    }
}
