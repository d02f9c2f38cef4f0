using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Silo;

// What --allowed-edges asks for, once in the life of a hub: at the start, or as soon as the registry can be asked.
internal sealed partial class SiloHost
{
    private async Task SeedFirstAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await SeedAsync(cancellationToken) is { Count: > 0 } errors)
            {
                throw new HubStartException(errors);
            }

            _isSeeded = true;
        }
        catch (RegistryUnavailableException e) when (_options.Redis is null)
        {
            throw new HubStartException(e.Message, e);
        }
        catch (RegistryUnavailableException e)
        {
            LogNotSeeded(e.Message);
        }
    }

    private async Task SeedLaterAsync(CancellationToken stopping)
    {
        while (!_isSeeded)
        {
            try
            {
                if (IsRunning)
                {
                    // The hub serves already: what is wrong in its list is no reason to stop that.
                    LogRefused(await SeedAsync(stopping));
                    _isSeeded = true;
                    return;
                }
            }
            catch (RegistryUnavailableException)
            {
                // as before
            }

            await Task.Delay(SeedRetryPeriod, _time, stopping);
        }
    }

    private void LogRefused(IReadOnlyList<string> errors)
    {
        foreach (var error in errors)
        {
            LogRefused(error);
        }
    }

    // What the registry has against the list.
    private async Task<IReadOnlyList<string>> SeedAsync(CancellationToken cancellationToken)
    {
        if (_options.AllowedEdges is not { } edges)
        {
            await Edges.TouchAsync(cancellationToken);
            return [];
        }

        var result = await Edges.UpdateAllowedEdgesAsync(edges, cancellationToken);
        if (result.Succeeded)
        {
            LogSeeded(result.Created.Length, result.Updated.Length, result.Removed.Length, result.Unchanged.Length);
        }

        return [.. result.Errors.Select(error => $"--allowed-edges: {error}")];
    }

    [LoggerMessage(3230, LogLevel.Information, "Silo of hub {HubId} started: registry in {Mode}, silo port {SiloPort}, gateway port {GatewayPort}", EventName = "SiloStarted")]
    private partial void LogStarted(string hubId, string mode, int siloPort, int gatewayPort);

    [LoggerMessage(3231, LogLevel.Information, "Allowed edges: {Created} created, {Updated} updated, {Removed} removed, {Unchanged} unchanged", EventName = "EdgesSeeded")]
    private partial void LogSeeded(int created, int updated, int removed, int unchanged);

    [LoggerMessage(3237, LogLevel.Warning, "The allowed edges cannot be told to the registry yet and will be: {Reason}", EventName = "EdgesNotSeeded")]
    private partial void LogNotSeeded(string reason);

    [LoggerMessage(3238, LogLevel.Error, "The registry stays as it is, since the list of allowed edges is wrong: {Error}", EventName = "EdgesRefused")]
    private partial void LogRefused(string error);
}
