using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using RemoteIngress.Contracts;

namespace RemoteIngress.Client;

/// <summary>
/// The way to every grain: a deadline for the whole, retries inside, and one exception for "cannot be asked". A silo that dies is worth waiting for, since another
/// one takes over within seconds; a storage that is away is told soon.
/// </summary>
internal sealed class RegistryCalls
{
    // the fleet answers within its own timeout, which is two minutes
    private static readonly TimeSpan LongTimeout = TimeSpan.FromMinutes(2.5);
    private static readonly TimeSpan StoragePatience = TimeSpan.FromSeconds(1);
    private static readonly ResiliencePropertyKey<long> Started = new("remoteingress.started");

    private readonly ClusterConnection _connection;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly ResiliencePipeline _short;
    private readonly ResiliencePipeline _long;

    public RegistryCalls(ClusterConnection connection, IOptions<RemoteIngressClientOptions> options, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        _timeout = options.Value.Timeout;
        _short = Build(_timeout);
        _long = Build(LongTimeout);
    }

    /// <summary>For calls that touch one edge.</summary>
    public Task<T> ShortAsync<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken) => RunAsync(_short, call, cancellationToken);

    /// <summary>For calls that touch all edges.</summary>
    public Task<T> LongAsync<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken) => RunAsync(_long, call, cancellationToken);

    private async Task<T> RunAsync<T>(ResiliencePipeline pipeline, Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            // to find a hub must not take the time that a long call may have
            using var connecting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            connecting.CancelAfter(_timeout);
            var grains = await _connection.GetGrainsAsync(connecting.Token);
            context.Properties.Set(Started, _time.GetTimestamp());
            return await pipeline.ExecuteAsync(async attempt => await call(grains).WaitAsync(attempt.CancellationToken), context);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RegistryUnavailableException("no hub was found: check Redis, the cluster id, and that a hub runs", e);
        }
        catch (Exception e) when (e is TimeoutRejectedException || IsUnavailable(e))
        {
            throw new RegistryUnavailableException(Describe(e), e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ResiliencePipeline Build(TimeSpan deadline) =>
        new ResiliencePipelineBuilder { TimeProvider = _time }
            .AddTimeout(deadline)
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = 8,
                Delay = TimeSpan.FromMilliseconds(200),
                MaxDelay = TimeSpan.FromSeconds(1),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is { } e && IsWorthARetry(e, args.Context)),
            })
            .Build();

    private bool IsWorthARetry(Exception exception, ResilienceContext context) =>
        IsUnavailable(exception)
        && (!IsOfStorage(exception) || _time.GetElapsedTime(context.Properties.GetValue(Started, 0)) < StoragePatience);

    private static string Describe(Exception exception) => IsOfStorage(exception)
        ? "the registry cannot be changed: its storage does not answer; check that Redis runs and that the hubs reach it, then ask again"
        : "the registry did not answer in time: no hub could be asked, or one just died; check that the hubs run, then ask again";

    // what a silo says of its storage; everything about silos has a type of its own
    private static bool IsOfStorage(Exception exception) =>
        exception.GetType() == typeof(OrleansException) || exception.GetType().Name.StartsWith("Redis", StringComparison.Ordinal);

    private static bool IsUnavailable(Exception exception) =>
        exception is OrleansException or TimeoutException or IOException or ObjectDisposedException
        || exception.GetType().Namespace?.StartsWith("Orleans.", StringComparison.Ordinal) == true;
}
