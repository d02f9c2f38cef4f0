using Polly;
using Polly.Retry;
using Polly.Timeout;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry;

/// <summary>
/// The way to every grain: a deadline for the whole, some retries inside (a silo that just died, a connection to Redis that comes
/// back), and one exception for "cannot be asked". Remembers whether the last call was answered.
/// </summary>
internal sealed class RegistryCalls
{
    /// <summary>For calls that touch one edge.</summary>
    public static readonly TimeSpan ShortDeadline = TimeSpan.FromSeconds(2.5);

    /// <summary>For calls that touch all edges.</summary>
    public static readonly TimeSpan LongDeadline = TimeSpan.FromMinutes(2);

    private readonly Func<IGrainFactory?> _grains;
    private readonly ResiliencePipeline _short;
    private readonly ResiliencePipeline _long;
    private volatile bool _answered = true;

    public RegistryCalls(Func<IGrainFactory?> grains, TimeProvider time)
    {
        _grains = grains;
        _short = Build(ShortDeadline, retries: 3, RegistryFailures.IsUnavailable, time);

        // A long call whose storage is away has waited for it once already: its caller is told, and soon. A silo that died is another matter.
        _long = Build(LongDeadline, retries: 1, RegistryFailures.IsOfASilo, time);
    }

    /// <summary>Whether the last call was answered.</summary>
    public bool Answered => _answered;

    public Task<T> ShortAsync<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken) =>
        RunAsync(_short, call, cancellationToken);

    public Task<T> LongAsync<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken) =>
        RunAsync(_long, call, cancellationToken);

    private async Task<T> RunAsync<T>(ResiliencePipeline pipeline, Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            // grain calls know no cancellation: the call is left behind, and its own timeout ends it
            var result = await pipeline.ExecuteAsync(
                async token => await call(_grains() ?? throw new SiloNotRunningException()).WaitAsync(token), cancellationToken);
            _answered = true;
            return result;
        }
        catch (Exception e) when (e is TimeoutRejectedException || RegistryFailures.IsUnavailable(e))
        {
            _answered = false;
            throw new RegistryUnavailableException(Describe(e), e);
        }
    }

    private static string Describe(Exception exception) => exception switch
    {
        SiloNotRunningException => "the registry cannot be reached: the silo of this hub is not running",
        TimeoutRejectedException or TimeoutException => "the registry did not answer in time",
        _ => "the registry cannot be reached: its storage or the silo of the edge does not answer",
    };

    private static ResiliencePipeline Build(TimeSpan deadline, int retries, Func<Exception, bool> isWorthARetry, TimeProvider time) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(deadline)
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = retries,
                Delay = TimeSpan.FromMilliseconds(100),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is { } e
                    && e is not SiloNotRunningException
                    && isWorthARetry(e)),
            })
            .Build();
}
