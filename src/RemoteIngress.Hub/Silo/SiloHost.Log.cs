using Microsoft.Extensions.Logging;

namespace RemoteIngress.Hub.Silo;

internal sealed partial class SiloHost
{
    [LoggerMessage(3230, LogLevel.Information, "Silo of hub {HubId} started: registry in {Mode}, silo port {SiloPort}, gateway port {GatewayPort}", EventName = "SiloStarted")]
    private partial void LogStarted(string hubId, string mode, int siloPort, int gatewayPort);

    [LoggerMessage(3231, LogLevel.Information, "Allowed edges: {Created} created, {Updated} updated, {Removed} removed, {Unchanged} unchanged", EventName = "EdgesSeeded")]
    private partial void LogSeeded(int created, int updated, int removed, int unchanged);

    [LoggerMessage(3232, LogLevel.Critical, "Hub {HubId} was declared dead by its cluster and has no registry until it is restarted; its tunnels go on: {Reason}", EventName = "SiloDeclaredDead")]
    private partial void LogDeclaredDead(string hubId, string reason);

    [LoggerMessage(3233, LogLevel.Debug, "The silo did not stop cleanly: {Reason}", EventName = "SiloStopFailed")]
    private partial void LogStopFailed(string reason);
}
