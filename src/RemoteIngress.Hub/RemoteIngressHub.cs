using Microsoft.Extensions.Logging;

namespace RemoteIngress.Hub;

/// <summary>One hub: a silo, the tunnel listener, forwarding and the HTTP API. Placeholder until the data plane lands.</summary>
public sealed class RemoteIngressHub(HubOptions options, ILoggerFactory loggerFactory) : IAsyncDisposable
{
    /// <summary>Where the HTTP API listens, with its real port; <see langword="null"/> when it is off or the hub does not run.</summary>
    public Uri? AdminUrl { get; }

    /// <summary>Starts it; throws <see cref="HubStartException"/> with every reason for which it cannot.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        _ = loggerFactory;
        throw new HubStartException($"hub {options.HubId}: the data plane is not in this build");
    }

    /// <summary>Drains and stops.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) =>
        throw new NotSupportedException(options + " does not run");

    /// <summary>The state right now.</summary>
    public HubStatus GetStatus() => throw new NotSupportedException($"hub {options.HubId} does not run");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
