using RemoteIngress.Contracts;
using RemoteIngress.Hub.Registry.LastKnown;

namespace RemoteIngress.Hub.Registry;

/// <summary>The registry as the data plane asks it, over the grains. What it answers is what <paramref name="known"/> knows.</summary>
internal sealed class EdgeRegistry(RegistryCalls calls, LastKnownEdges known) : IEdgeRegistry
{
    private readonly ReportMemory _reports = new();

    public async Task<EdgeRecord?> FindAsync(string edgeId, CancellationToken cancellationToken)
    {
        var record = await calls.ShortAsync(grains => grains.GetGrain<IEdgeGrain>(edgeId).GetAsync(), cancellationToken);
        if (record is null)
        {
            known.Forget(edgeId);
        }
        else
        {
            known.Keep(record);
        }

        return record;
    }

    public async Task ReportPresenceAsync(string edgeId, EdgePresence presence, CancellationToken cancellationToken)
    {
        _reports.Keep(edgeId, presence);
        await SendAsync(edgeId, grain => grain.ReportAsync(presence), cancellationToken);
        _reports.Sent(edgeId, presence);
    }

    public Task AcknowledgeAsync(string edgeId, EdgeAcknowledgement acknowledgement, CancellationToken cancellationToken)
    {
        _reports.Keep(edgeId, acknowledgement);
        return SendAsync(edgeId, grain => grain.AcknowledgeAsync(acknowledgement), cancellationToken);
    }

    /// <summary>Edges of which a report failed and is to be said again, by <see cref="GetVersionAsync"/>.</summary>
    public IReadOnlyList<string> Unsent() => _reports.Unsent();

    /// <summary>Whether the edge's grain has changed; tells it again what it has forgotten or never heard.</summary>
    public async Task<EdgeVersion> GetVersionAsync(string edgeId, CancellationToken cancellationToken)
    {
        var version = await calls.ShortAsync(grains => grains.GetGrain<IEdgeGrain>(edgeId).GetVersionAsync(), cancellationToken);
        if (version.Registered)
        {
            known.Confirm(edgeId, version.Generation);
        }
        else if (version.Generation > 0)
        {
            // one that remembers no removal may have been activated from a storage that lost its data: the poll decides what is true
            known.Forget(edgeId);
        }

        if (_reports.WhatToTell(edgeId, version.Epoch) is { } toTell)
        {
            foreach (var (presence, acknowledgement) in toTell.Instances)
            {
                await SendAsync(edgeId, grain => grain.ReportAsync(presence), cancellationToken);
                if (acknowledgement is not null)
                {
                    await SendAsync(edgeId, grain => grain.AcknowledgeAsync(acknowledgement), cancellationToken);
                }

                _reports.Sent(edgeId, presence);
            }

            _reports.Told(edgeId, version.Epoch, toTell);
        }

        return version;
    }

    /// <summary>The set of edges; without the edges when it is that of <paramref name="known"/> still.</summary>
    public Task<FleetSet> GetSetAsync(long known, CancellationToken cancellationToken) =>
        calls.ShortAsync(grains => Fleet(grains).GetSetAsync(known), cancellationToken);

    /// <summary>Gives the fleet back a set that it has lost.</summary>
    public Task<bool> RestoreSetAsync(FleetSet set, CancellationToken cancellationToken) =>
        calls.ShortAsync(grains => Fleet(grains).RestoreSetAsync(set), cancellationToken);

    /// <summary>Gives an edge back what its grain has lost. False: it is none of the fleet's any more, and was removed.</summary>
    public Task<bool> RestoreAsync(EdgeRecord record, CancellationToken cancellationToken)
    {
        var intent = new EdgeIntent
        {
            EdgeId = record.EdgeId,
            Generation = record.Generation,
            Verifiers = record.Verifiers,
            Settings = record.Settings,
        };
        return calls.ShortAsync(grains => Fleet(grains).RestoreEdgeAsync(intent), cancellationToken);
    }

    private static IFleetGrain Fleet(IGrainFactory grains) => grains.GetGrain<IFleetGrain>(IFleetGrain.DefaultKey);

    private async Task SendAsync(string edgeId, Func<IEdgeGrain, Task> call, CancellationToken cancellationToken)
    {
        try
        {
            await calls.ShortAsync(
                async grains =>
                {
                    await call(grains.GetGrain<IEdgeGrain>(edgeId));
                    return true;
                },
                cancellationToken);
        }
        catch
        {
            _reports.Failed(edgeId);
            throw;
        }
    }
}
