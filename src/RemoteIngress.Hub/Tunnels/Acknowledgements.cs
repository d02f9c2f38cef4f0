using RemoteIngress.Contracts;
using RemoteIngress.Protocol.Control;

namespace RemoteIngress.Hub.Tunnels;

/// <summary>CONFIG_ACK as the registry keeps it.</summary>
internal static class Acknowledgements
{
    internal static EdgeAcknowledgement Create(ConfigAck acknowledgement, string hubId, string instanceId, DateTimeOffset now) => new()
    {
        HubId = hubId,
        InstanceId = instanceId,
        Generation = acknowledgement.Generation,
        Ports = [.. acknowledgement.Ports.Select(port => new Contracts.PortResult(port.Port, port.Protocol, port.Ok, port.Error))],
        Firewall = acknowledgement.Firewall is { } firewall ? new Contracts.FirewallResult(firewall.Mode, firewall.State, firewall.Error) : null,
        At = now,
    };
}
