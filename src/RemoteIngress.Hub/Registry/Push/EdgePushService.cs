using Microsoft.Extensions.Logging;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Push;

/// <summary>Hands what is pushed to this silo to the data plane.</summary>
internal sealed class EdgePushService(GrainId id, Orleans.Runtime.Silo silo, ILoggerFactory loggers, IEdgeChangeSink sink)
    : GrainService(id, silo, loggers), IEdgePushService
{
    public Task ChangedAsync(EdgeRecord record)
    {
        sink.Changed(record);
        return Task.CompletedTask;
    }

    public Task RemovedAsync(string edgeId, long generation)
    {
        sink.Removed(edgeId, generation);
        return Task.CompletedTask;
    }
}
