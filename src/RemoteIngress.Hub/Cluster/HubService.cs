using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Cluster;

/// <summary>Answers the other hubs for this one.</summary>
internal sealed class HubService(GrainId id, Orleans.Runtime.Silo silo, ILoggerFactory loggers, HubDirectory hubs)
    : GrainService(id, silo, loggers), IHubService
{
    public Task<HubView> DescribeAsync() => Task.FromResult(hubs.Own());

    public Task<ImmutableArray<HeldEdge>> HeldEdgesAsync() => Task.FromResult(hubs.Local.HeldEdges());

    public Task AskAgainAsync()
    {
        hubs.Peers?.Wake();
        return Task.CompletedTask;
    }

    public Task DrainAsync()
    {
        hubs.Local.RequestDrain();
        return Task.CompletedTask;
    }
}
