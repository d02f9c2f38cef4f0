using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using RemoteIngress.Contracts;

namespace RemoteIngress.Client;

/// <summary>The operations over the grains, each with a deadline for the whole and retries inside.</summary>
internal sealed class RemoteIngressClient(ClusterConnection connection, IOptions<RemoteIngressClientOptions> options) : IRemoteIngressClient
{
    // the fleet answers within its own timeout, which is two minutes
    private static readonly TimeSpan ListTimeout = TimeSpan.FromMinutes(2.5);

    private readonly ResiliencePipeline _single = Build(options.Value.Timeout);
    private readonly ResiliencePipeline _list = Build(ListTimeout);

    public Task<ReconcileResult> UpdateAllowedEdgesAsync(IReadOnlyList<AllowedEdge> edges, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edges);

        // a copy of a kind that Orleans knows: the list may be of any
        var list = edges.ToImmutableArray();
        return ConnectedAsync(_list, grains => Fleet(grains).UpdateAllowedEdgesAsync(list), cancellationToken);
    }

    public Task<EdgeChangeResult> UpsertEdgeAsync(AllowedEdge edge, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edge);
        return ConnectedAsync(_single, grains => Fleet(grains).UpsertAsync(edge), cancellationToken);
    }

    public Task<EdgeChangeResult> RemoveEdgeAsync(string edgeId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(edgeId);
        return ConnectedAsync(_single, grains => Fleet(grains).RemoveAsync(edgeId), cancellationToken);
    }

    public Task<EdgeView?> GetEdgeAsync(string edgeId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(edgeId);
        return ConnectedAsync(_single, grains => grains.GetGrain<IEdgeGrain>(edgeId).GetViewAsync(), cancellationToken);
    }

    public async Task<IReadOnlyList<EdgeView>> ListEdgesAsync(CancellationToken cancellationToken = default) =>
        await ConnectedAsync(_list, grains => Fleet(grains).ListAsync(), cancellationToken);

    public Task<SecretRotation?> RotateSecretAsync(string edgeId, TimeSpan? overlap = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(edgeId);
        return ConnectedAsync(_single, grains => grains.GetGrain<IEdgeGrain>(edgeId).RotateSecretAsync(overlap), cancellationToken);
    }

    private async Task<T> ConnectedAsync<T>(ResiliencePipeline pipeline, Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            // to find a hub must not take the time that a long call may have
            using var connecting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            connecting.CancelAfter(options.Value.Timeout);
            var grains = await connection.GetGrainsAsync(connecting.Token);
            return await pipeline.ExecuteAsync(async token => await call(grains).WaitAsync(token), cancellationToken);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RegistryUnavailableException("no hub was found: check Redis, the cluster id, and that a hub runs", e);
        }
        catch (Exception e) when (e is TimeoutRejectedException || IsUnavailable(e))
        {
            throw new RegistryUnavailableException("the registry did not answer in time, or its storage does not", e);
        }
    }

    private static IFleetGrain Fleet(IGrainFactory grains) => grains.GetGrain<IFleetGrain>(IFleetGrain.DefaultKey);

    private static ResiliencePipeline Build(TimeSpan deadline) =>
        new ResiliencePipelineBuilder()
            .AddTimeout(deadline)
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = 4,
                Delay = TimeSpan.FromMilliseconds(200),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is { } e && IsUnavailable(e)),
            })
            .Build();

    private static bool IsUnavailable(Exception exception) =>
        exception is Orleans.Runtime.OrleansException or TimeoutException or IOException or ObjectDisposedException
        || exception.GetType().Namespace?.StartsWith("Orleans.", StringComparison.Ordinal) == true;
}
